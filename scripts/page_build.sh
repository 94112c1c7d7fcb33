# Part of scripts/setup: the page in frontend/, built into frontend/dist.
# shellcheck shell=bash

node_is_new_enough() { node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; }

page_sources() {
    find frontend -type d \( -name node_modules -o -name 'dist*' -o -name tests \) -prune -o -type f -print0 | sort -z
}

build_page() {
    [ -f frontend/package-lock.json ] || stop "frontend/package-lock.json is missing."
    node_is_new_enough ||
        stop "Node.js $(node --version) is too old: the page is built with Node 20.19 or newer. Install that and run this again."
    local packages sources
    packages="$(sha256sum <frontend/package-lock.json) $(node --version)"
    if ! stamped page-packages "$packages" || [ ! -d frontend/node_modules ]; then
        say "Installing the page's packages"
        quietly npm --prefix frontend ci --engine-strict=false
        stamp page-packages "$packages"
    fi
    sources=$(page_sources | digest_of_files)
    if ! stamped page "$sources" || [ ! -d frontend/dist ]; then
        say "Building the page"
        quietly npm --prefix frontend run build -- --outDir dist.new --emptyOutDir
        # A server may be handing out the old one: it is replaced whole.
        rm -rf frontend/dist.old
        [ ! -d frontend/dist ] || mv frontend/dist frontend/dist.old
        mv frontend/dist.new frontend/dist
        rm -rf frontend/dist.old
        stamp page "$sources"
        say "The page is built"
    fi
}
