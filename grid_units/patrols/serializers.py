"""What the API shows of devices, positions and patrols, and what it takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from grid_units.patrols.models import Absence, Device, Patrol
from grid_units.patrols.states import State

Serializer = serializers.Serializer[Any]
STATES = [state.value for state in State]


class WorkerSerializer(Serializer):
    """A person who carries a device."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(source="__str__")


class DeviceSerializer(serializers.ModelSerializer[Device]):
    """A device as it is seen again later: never its token."""

    kind = serializers.ChoiceField(choices=["phone", "tracker", "forwarder", "file"], read_only=True)
    worker = serializers.SerializerMethodField()
    heard_at = serializers.DateTimeField(source="last.heard_at", allow_null=True, read_only=True)

    class Meta:
        model = Device
        fields: tuple[str, ...] = (
            "id",
            "name",
            "kind",
            "prefix",
            "forwarder",
            "external_id",
            "made_at",
            "revoked_at",
            "heard_at",
            "worker",
        )
        read_only_fields = fields

    @extend_schema_field(WorkerSerializer(allow_null=True))
    def get_worker(self, device: Device) -> Any:
        carried = next((one for one in device.pairings.all() if one.valid_to is None), None)
        return WorkerSerializer(carried.worker).data if carried else None


class NewDeviceSerializer(Serializer):
    """What is asked of a new device. Without a name of a person it is the asker's own."""

    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=["phone", "tracker", "forwarder"], default="phone")
    username = serializers.CharField(max_length=150, required=False, allow_null=True, default=None)
    forwarder = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1
    )
    external_id = serializers.CharField(max_length=128, required=False, allow_blank=True, default="")


class ConfigurationSerializer(Serializer):
    """How one app is told where to send; `qr_svg` is empty where the app reads no QR code."""

    app = serializers.ChoiceField(choices=["traccar_client", "owntracks", "osmand"])
    address = serializers.CharField()
    qr_svg = serializers.CharField(allow_blank=True)


class MadeDeviceSerializer(DeviceSerializer):
    """A device just made: the only time that its token is shown."""

    token = serializers.CharField(allow_blank=True)
    configurations = ConfigurationSerializer(many=True)

    class Meta(DeviceSerializer.Meta):
        fields = (*DeviceSerializer.Meta.fields, "token", "configurations")
        read_only_fields = fields


class PairSerializer(Serializer):
    """Who carries a device from now on; null: nobody."""

    username = serializers.CharField(max_length=150, allow_null=True)


class LastPositionSerializer(Serializer):
    """Where a device was last, by its own clock. `state` is empty for people who are not watched."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["phone", "tracker", "forwarder", "file"])
    worker_id = serializers.IntegerField(allow_null=True)
    worker_name = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=STATES, allow_blank=True)
    since = serializers.DateTimeField(allow_null=True)
    at = serializers.DateTimeField()
    heard_at = serializers.DateTimeField()
    lng = serializers.FloatField()
    lat = serializers.FloatField()
    accuracy_m = serializers.FloatField(allow_null=True)
    speed_mps = serializers.FloatField(allow_null=True)
    heading_deg = serializers.FloatField(allow_null=True)
    battery_pct = serializers.FloatField(allow_null=True)
    is_driven = serializers.BooleanField()
    is_simulated = serializers.BooleanField()


class PatrolSerializer(serializers.ModelSerializer[Patrol]):
    """A patrol in a list. Lengths of a running one are measured when it ends."""

    worker = WorkerSerializer(read_only=True)

    class Meta:
        model = Patrol
        fields: tuple[str, ...] = (
            "public_id",
            "worker",
            "started_at",
            "ended_at",
            "length_m",
            "driven_m",
            "fixes",
        )
        read_only_fields = fields


class TrackSerializer(Serializer):
    """A way: parts of [longitude, latitude, Unix seconds]; metres on the ellipsoid."""

    parts = serializers.ListField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    )
    length_m = serializers.FloatField()
    driven_m = serializers.FloatField()
    fixes = serializers.IntegerField()


class OnePatrolSerializer(PatrolSerializer):
    """A patrol with its track."""

    track = TrackSerializer()

    class Meta(PatrolSerializer.Meta):
        fields = (*PatrolSerializer.Meta.fields, "track")
        read_only_fields = fields


class NewPatrolSerializer(Serializer):
    """Whose patrol begins now; without a name the asker's own."""

    username = serializers.CharField(max_length=150, required=False, allow_null=True, default=None)


class GpxSerializer(Serializer):
    """A recorded track; without a name the asker's own."""

    file = serializers.FileField()
    username = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")


class UploadedSerializer(Serializer):
    """What became of an upload: how many points, how many are used, and why others are not."""

    taken = serializers.IntegerField()
    used = serializers.IntegerField()
    unused = serializers.DictField(child=serializers.IntegerField())


class AbsenceSerializer(serializers.ModelSerializer[Absence]):
    """Somebody who should be there and is not."""

    worker = WorkerSerializer(read_only=True)
    unit_codes = serializers.ListField(child=serializers.CharField(), read_only=True)
    ended_because = serializers.ChoiceField(
        choices=["came", "off_duty", "late_data"], allow_blank=True, read_only=True
    )

    class Meta:
        model = Absence
        fields: tuple[str, ...] = (
            "id",
            "worker",
            "unit_codes",
            "on_duty_since",
            "raised_at",
            "ended_at",
            "ended_because",
        )
        read_only_fields = fields
