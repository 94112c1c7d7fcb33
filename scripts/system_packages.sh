# Part of scripts/setup: packages of the system, through apt where there is one.
# shellcheck shell=bash

has_postgis() {
    if [ -n "${DATABASE_URL:-}" ] && [ "$1" = demo ]; then return 0; fi
    compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null ||
        compgen -G '/usr/pgsql-*/share/extension/postgis.control' >/dev/null ||
        { command -v pg_config >/dev/null && [ -e "$(pg_config --sharedir)/extension/postgis.control" ]; }
}

has_python() { command -v python3.11 >/dev/null && python3.11 -c 'import ensurepip, venv' 2>/dev/null; }
has_node() { command -v node >/dev/null && command -v npm >/dev/null; }
has_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }
has_libatomic() { PATH=$PATH:/sbin ldconfig -p | grep -q 'libatomic\.so\.1'; }
has_mosquitto() { PATH=$PATH:/usr/sbin command -v mosquitto >/dev/null && command -v mosquitto_pub >/dev/null; }
has_gdal() { command -v ogr2ogr >/dev/null && command -v ogrinfo >/dev/null; }
has_qgis() { [ -e /usr/lib/python3/dist-packages/qgis/core/__init__.py ] && compgen -G '/usr/lib/qgis/plugins/*provider_wfs.so' >/dev/null; }
has_pdftoppm() { command -v pdftoppm >/dev/null; }
has_pango() { ldconfig -p 2>/dev/null | grep -q libpangoft2; }
has_chinese_font() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn family 2>/dev/null)" ]; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt() {
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"
}

# Debian starts a cluster of its own with the package; GeoGrid makes a private one instead.
keep_debian_from_making_a_cluster() {
    if [ ! -e /etc/postgresql-common ]; then
        as_root mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/geogrid.conf >/dev/null
    fi
}

newest_postgis_package() {
    apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | cut -d' ' -f1 | sort -t- -k2,2nr | head -n 1
}

install_system_packages() {
    local missing=() what=()
    has_postgis "$1" || what+=("PostgreSQL with PostGIS")
    has_python || { missing+=(python3.11 python3.11-venv) && what+=("Python 3.11 with venv"); }
    has_node || { missing+=(nodejs npm) && what+=("Node.js"); }
    has_pango || { missing+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0) && what+=("Pango, which sets the type of papers"); }
    has_chinese_font || { missing+=(fontconfig fonts-noto-cjk) && what+=("a Chinese font"); }
    if [ "$1" = test ]; then
        has_chromium || { missing+=(chromium) && what+=("Chromium"); }
        has_libatomic || { missing+=(libatomic1) && what+=("libatomic, which the browser's driver needs"); }
        has_mosquitto || { missing+=(mosquitto mosquitto-clients) && what+=("the MQTT broker Mosquitto"); }
        has_gdal || { missing+=(gdal-bin) && what+=("GDAL's programs, which read the OGC API"); }
        has_qgis || { missing+=(python3-qgis qgis-providers) && what+=("QGIS for Python, with which the analysts' desk is tested"); }
        has_pdftoppm || { missing+=(poppler-utils) && what+=("poppler, which draws pages of PDF"); }
    fi
    [ ${#what[@]} = 0 ] && return 0

    local list
    list=$(printf '%s, ' "${what[@]}")
    command -v apt-get >/dev/null ||
        stop "missing: ${list%, }. There is no apt-get here: install them with your system's own tool, then run this again."
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        stop "missing: ${list%, }. Run this as root or with sudo installed, or install them yourself."
    say "Installing from the system's packages: ${list%, }"
    apt update
    if ! has_postgis "$1"; then
        local postgis
        postgis=$(newest_postgis_package)
        [ -n "$postgis" ] || stop "this system's package lists have no postgresql-N-postgis-3."
        keep_debian_from_making_a_cluster
        missing+=("$postgis")
    fi
    apt install --yes --no-install-recommends "${missing[@]}"
    say "System packages are there"
}

# For a container whose database is elsewhere: the client's programs for backup, restore and bootstrap, and what sets
# the type of papers.
install_server_packages() {
    command -v pg_dump >/dev/null && has_pango && has_chinese_font && return 0
    say "Installing PostgreSQL's client programs, Pango and a Chinese font"
    apt update
    apt install --yes --no-install-recommends postgresql-client libpango-1.0-0 libpangoft2-1.0-0 \
        libharfbuzz-subset0 fontconfig fonts-noto-cjk
}
