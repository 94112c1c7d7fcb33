"""Server settings sized to this machine."""

import contextlib
import os
from pathlib import Path

MIB = 2**20
# Beside the data: what analysts are shown on the address opened for them.
CERTIFICATE, KEY = "analysts.crt", "analysts.key"


def memory_mib() -> int:
    """Memory this process may use, in MiB: the machine's, or the container's limit when that is lower."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MIB
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            memory = min(memory, int(Path(limit).read_text()) // MIB)
    return memory


def _shared_memory_mib() -> int:
    try:
        shm = os.statvfs("/dev/shm")  # noqa: S108 - asked for its size only
    except OSError:
        return 0
    return shm.f_frsize * shm.f_blocks // MIB


def server_settings(*, memory: int, processors: int, durable: bool) -> dict[str, str]:
    """Settings for postgresql.conf. The machine also runs the web server, workers and perhaps a browser.

    memory is in MiB. Without `durable` the server never waits for the disk: for databases tests throw away.
    """
    budget = max(256, memory * 35 // 100)
    shared_buffers = min(4096, max(128, budget // 2)) if durable else 256
    work_mem = max(4, min(32, (budget - shared_buffers) // 40))
    settings = {
        "shared_buffers": f"{shared_buffers}MB",
        "effective_cache_size": f"{max(512, memory // 2)}MB",
        "work_mem": f"{work_mem}MB",
        "maintenance_work_mem": f"{min(512, max(64, memory // 16))}MB",
        "max_connections": "120",
        "max_wal_size": "2GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "wal_compression": "lz4",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "100",
        "jit": "off",  # it costs more than it saves on every geometry query that was measured
        "max_worker_processes": str(max(8, processors)),
        "max_parallel_workers": str(processors),
        "max_parallel_workers_per_gather": str(max(1, processors // 2)),
        "autovacuum_naptime": "20s",
        "autovacuum_vacuum_insert_scale_factor": "0.05",
        "log_min_duration_statement": "1s",
        "log_lock_waits": "on",
        "deadlock_timeout": "500ms",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "password_encryption": "'scram-sha-256'",
        "log_line_prefix": "'%m [%p] %u@%d %a '",
        "logging_collector": "on",
        "log_directory": "'../log'",
        "log_filename": "'postgresql-%a.log'",  # a week of logs, each day over the last week's
        "log_truncate_on_rotation": "on",
        "track_io_timing": "on",
        "wal_level": "replica",
    }
    if _shared_memory_mib() < 256:
        settings["dynamic_shared_memory_type"] = (
            "mmap"  # containers give /dev/shm 64 MB: too little for parallel plans
        )
    if not durable:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
        }
        settings |= {"max_wal_senders": "0", "autovacuum_naptime": "5min"}
    return settings


def configuration_text(*, host: str, port: int, durable: bool, listens: str = "") -> str:
    """The text of tuned.conf, which is written anew at each start. `listens`: one more address, with TLS."""
    settings = server_settings(memory=memory_mib(), processors=os.cpu_count() or 1, durable=durable)
    settings |= {
        "listen_addresses": f"'{host}'",
        "port": str(port),
        "unix_socket_directories": "''",  # everyone logs in with a password, over loopback
    }
    if listens:
        settings |= {
            "listen_addresses": f"'{host},{listens}'",
            "ssl": "on",
            "ssl_cert_file": f"'../{CERTIFICATE}'",
            "ssl_key_file": f"'../{KEY}'",
            "ssl_min_protocol_version": "'TLSv1.2'",
        }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    return (
        "# Written anew at each start, sized to the machine. Put your own settings into local.conf.\n"
        + "\n".join(lines)
        + "\n"
    )
