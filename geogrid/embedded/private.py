"""The private cluster of this installation, ready for use in one call."""

from collections.abc import Callable

from geogrid.embedded.bootstrap import bootstrap_cluster
from geogrid.embedded.cluster import Cluster
from geogrid.embedded.paths import cluster_root
from geogrid.embedded.urls import uses_foreign_database


def start_private_database(say: Callable[[str], None] = print) -> bool:
    """Start the private cluster and bootstrap its database; False when DATABASE_URL names another one.

    Call it before Django's settings are read: they take the port from the cluster's state.
    Raises EmbeddedDatabaseError with a sentence for the operator.
    """
    if uses_foreign_database():
        return False
    cluster = Cluster(cluster_root(), say=say)
    cluster.start()
    bootstrap_cluster(cluster)
    return True
