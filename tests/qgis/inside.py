"""Runs inside QGIS: with the system's Python, without a screen. One line of JSON in, one line of JSON out.

It imports nothing of ours; tests/qgis/desk.py starts it and speaks to it. mypy: ignore-errors
"""

# mypy: ignore-errors
import json
import os
import sys
import time

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCredentials,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsLayoutExporter,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.PyQt.QtCore import QCoreApplication, QSize
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QWidget  # noqa: F401 - layouts with pictures want the widgets' library

SCREEN_DPI = 96


class TypedPassword(QgsCredentials):
    """The window that asks for a password, with somebody who types the right one."""

    def __init__(self, password):
        super().__init__()
        self.password, self.asked = password, 0
        self.setInstance(self)

    def request(self, realm, username, password, message):
        self.asked += 1
        return self.asked < 4, username, self.password

    def requestMasterPassword(self, password, stored):
        return False, ""


class Inside:
    """What can be asked. Every public method is one request."""

    def __init__(self):
        self.project = QgsProject.instance()
        self.typed = TypedPassword(os.environ.get("QGIS_TYPED_PASSWORD", ""))
        self.log = []
        self.others = {}
        QgsApplication.messageLog().messageReceived[str, str, Qgis.MessageLevel].connect(self._logged)

    def _logged(self, message, tag, level):
        if level in (Qgis.Warning, Qgis.Critical):
            self.log.append(f"{tag}: {message}")

    def open(self, path):
        """Open a project as a double-click does; how long it took, what could not be read."""
        bad = []
        before = time.perf_counter()
        is_read = self.project.read(path)
        took = time.perf_counter() - before
        bad += [layer.id() for layer in self.project.mapLayers().values() if not layer.isValid()]
        return {
            "read": is_read,
            "seconds": took,
            "bad": bad,
            "error": self.project.error(),
            "asked": self.typed.asked,
            "title": self.project.title(),
            "transactions": self.project.autoTransaction(),
            "crs": self.project.crs().authid(),
            "themes": self.project.mapThemeCollection().mapThemes(),
            "layouts": [one.name() for one in self.project.layoutManager().printLayouts()],
            "groups": [one.name() for one in self.project.layerTreeRoot().children()],
            "log": self.log,
        }

    def layers(self):
        """What an analyst finds in each layer."""
        return {layer.id(): self._described(layer) for layer in self.project.mapLayers().values()}

    def _described(self, layer):
        fields = layer.fields()
        renderer = layer.renderer()
        first = next(layer.getFeatures(), None)
        form = layer.editFormConfig()
        return {
            "name": layer.name(),
            "valid": layer.isValid(),
            "error": layer.error().message(),
            "count": layer.featureCount(),
            "renderer": renderer.type() if renderer else None,
            "rules": len(renderer.rootRule().descendants())
            if renderer and renderer.type() == "RuleRenderer"
            else 0,
            "labels": layer.labelsEnabled() and layer.labeling() is not None,
            "aliases": {field.name(): layer.attributeAlias(i) for i, field in enumerate(fields)},
            "widgets": {field.name(): layer.editorWidgetSetup(i).type() for i, field in enumerate(fields)},
            "configs": {field.name(): layer.editorWidgetSetup(i).config() for i, field in enumerate(fields)},
            "defaults": {
                field.name(): layer.dataProvider().defaultValueClause(i) for i, field in enumerate(fields)
            },
            "tabs": [one.name() for one in form.tabs()],
            "read_only": layer.readOnly(),
            "can": layer.capabilitiesString() if hasattr(layer, "capabilitiesString") else "",
            "edits": {
                "add": bool(layer.dataProvider().capabilities() & layer.dataProvider().AddFeatures),
                "change": bool(
                    layer.dataProvider().capabilities() & layer.dataProvider().ChangeAttributeValues
                ),
                "move": bool(layer.dataProvider().capabilities() & layer.dataProvider().ChangeGeometries),
                "delete": bool(layer.dataProvider().capabilities() & layer.dataProvider().DeleteFeatures),
            },
            "notified": layer.refreshOnNotifyMessage() if layer.isRefreshOnNotifyEnabled() else None,
            "farthest": layer.minimumScale() if layer.hasScaleBasedVisibility() else None,
            "first": self._row(layer, first) if first else None,
            "actions": [one.name() for one in layer.actions().actions()],
        }

    @staticmethod
    def _row(layer, feature):
        values = {}
        for field in layer.fields():
            value = feature[field.name()]
            values[field.name()] = (
                value
                if isinstance(value, (str, int, float, bool))
                else (None if value is None or (hasattr(value, "isNull") and value.isNull()) else str(value))
            )
        return values

    def shown(self, layer, field, value):
        """What a form or table shows for a value: the words of a drop-down."""
        from qgis.core import QgsFieldFormatterContext  # noqa: F401

        found = self.project.mapLayer(layer)
        index = found.fields().lookupField(field)
        setup = found.editorWidgetSetup(index)
        formatter = QgsApplication.fieldFormatterRegistry().fieldFormatter(setup.type())
        return formatter.representValue(found, index, setup.config(), None, value)

    def choices(self, layer, field):
        """What a drop-down of another layer offers: [[key, words], ...]."""
        found = self.project.mapLayer(layer)
        config = found.editorWidgetSetup(found.fields().lookupField(field)).config()
        request = QgsFeatureRequest()
        if config["FilterExpression"]:
            request.setFilterExpression(config["FilterExpression"])
        listed = self.project.mapLayer(config["Layer"]).getFeatures(request)
        return [[one[config["Key"]], one[config["Value"]]] for one in listed]

    def render(self, theme, path, width=1200, height=800, extent=None, denominator=None):
        """A picture of a theme; the share of pixels that are not the ground."""
        settings = QgsMapSettings()
        themes = self.project.mapThemeCollection()
        settings.setLayers(themes.mapThemeVisibleLayers(theme))
        settings.setMapThemeCollection(themes) if hasattr(settings, "setMapThemeCollection") else None
        settings.setLayerStyleOverrides(themes.mapThemeStyleOverrides(theme))
        settings.setDestinationCrs(self.project.crs())
        settings.setTransformContext(self.project.transformContext())
        settings.setEllipsoid(self.project.ellipsoid())
        settings.setBackgroundColor(self.project.backgroundColor())
        settings.setOutputDpi(SCREEN_DPI)
        settings.setOutputSize(QSize(width, height))
        settings.setFlag(QgsMapSettings.Antialiasing)
        settings.setFlag(QgsMapSettings.DrawLabeling)
        settings.setExpressionContext(self.project.createExpressionContext())
        view = self.project.viewSettings().defaultViewExtent()
        box = QgsRectangle(*extent) if extent else QgsRectangle(view)
        if denominator:
            metres = width / SCREEN_DPI * 0.0254 * denominator
            box = QgsRectangle.fromCenterAndSize(box.center(), metres, metres * height / width)
        settings.setExtent(box)
        before = time.perf_counter()
        job = QgsMapRendererSequentialJob(settings)
        job.start()
        job.waitForFinished()
        image = job.renderedImage()
        took = time.perf_counter() - before
        image.save(path)
        ground = self.project.backgroundColor().rgb()
        small = image.scaled(200, 200)
        other = sum(small.pixel(x, y) != ground for x in range(200) for y in range(200))
        return {
            "seconds": took,
            "scale": settings.scale(),
            "drawn": other / 40_000,
            "errors": [error.message for error in job.errors()],
            "layers": len(settings.layers()),
        }

    def export(self, layout, path, pages=1):
        """A layout as PDF; of an atlas, its first pages."""
        found = self.project.layoutManager().layoutByName(layout)
        settings = QgsLayoutExporter.PdfExportSettings()
        settings.dpi = 120
        atlas = found.atlas()
        before = time.perf_counter()
        if atlas.enabled():
            atlas.beginRender()
            count = atlas.updateFeatures()
            atlas.first()
            done = QgsLayoutExporter(found).exportToPdf(path, settings)
            name = atlas.currentFilename()
            atlas.endRender()
        else:
            count, name = 1, found.name()
            done = QgsLayoutExporter(found).exportToPdf(path, settings)
        return {
            "result": int(done),
            "pages": count,
            "name": name,
            "seconds": time.perf_counter() - before,
            "items": len(found.items()),
        }

    def by_hand(self, layer, source):
        """Add a layer by hand, as from the browser panel, and load the style that the database has for it."""
        added = QgsVectorLayer(source, layer, "postgres")
        message, is_default = added.loadDefaultStyle()
        self.others[layer] = added
        return {**self._described(added), "message": message, "is_default": is_default}

    def edit(self, layer, steps):
        """An edit session: steps in the buffer, then Save. Says what QGIS said."""
        found = self.project.mapLayer(layer)
        self.log.clear()
        if not found.startEditing():
            return {
                "saved": False,
                "errors": ["the layer cannot be edited"],
                "steps": [],
                "log": list(self.log),
            }
        results = [self._step(found, **step) for step in steps]
        before = time.perf_counter()
        saved = found.commitChanges()
        took = time.perf_counter() - before
        errors = found.commitErrors()
        if not saved:
            found.rollBack()
        return {"saved": saved, "errors": errors, "steps": results, "seconds": took, "log": list(self.log)}

    def _step(self, layer, do, **how):
        """One step; things are named by their id, which is not QGIS's own number for them."""
        numbers = {name: self._number(layer, how[name]) for name in ("fid", "kept") if name in how}
        if "taken" in how:
            numbers["taken"] = [self._number(layer, one) for one in how["taken"]]
        return getattr(self, "_" + do)(layer, **{**how, **numbers})

    @staticmethod
    def _number(layer, key):
        return next(layer.getFeatures(f'"id" = {key}')).id()

    @staticmethod
    def _move_corner(layer, fid, corner, to):
        """The vertex tool on one layer: the corner of this outline only (its neighbours keep theirs)."""
        geometry = QgsGeometry(layer.getFeature(fid).geometry())
        _, index, *_ = geometry.closestVertex(QgsPointXY(*corner))
        ring = geometry.asMultiPolygon()[0][0] if geometry.isMultipart() else geometry.asPolygon()[0]
        geometry.moveVertex(to[0], to[1], index)
        return bool(layer.changeGeometry(fid, geometry)) and len(ring)

    @staticmethod
    def _redraw(layer, fid, wkt):
        return layer.changeGeometry(fid, QgsGeometry.fromWkt(wkt))

    @staticmethod
    def _change(layer, fid, field, value):
        return layer.changeAttributeValue(fid, layer.fields().lookupField(field), value)

    @staticmethod
    def _delete(layer, fid):
        return layer.deleteFeature(fid)

    @staticmethod
    def _split(layer, fid, line):
        """The tool "Split features" with one feature selected. 0 is success."""
        layer.selectByIds([fid])
        done = layer.splitFeatures([QgsPointXY(*point) for point in line], False)
        layer.removeSelection()
        return int(done)

    def _merge(self, layer, kept, taken):
        """The tool "Merge selected features", keeping the attributes of the first."""
        joined = QgsGeometry.unaryUnion([layer.getFeature(fid).geometry() for fid in (kept, *taken)])
        for fid in taken:
            layer.deleteFeature(fid)
        return layer.changeGeometry(kept, joined)

    @staticmethod
    def _add(layer, wkt, values):
        """The tool "Add feature" and its form: what the server fills in is left to it."""
        fields = layer.fields()
        feature = QgsVectorLayerUtils.createFeature(
            layer,
            QgsGeometry.fromWkt(wkt),
            {fields.lookupField(name): value for name, value in values.items()},
            layer.createExpressionContext(),
        )
        return layer.addFeature(feature)

    def constraints(self, layer, fid, field, value):
        """What the form says under a field when this value is typed in: [holds, words]."""
        found = self.project.mapLayer(layer)
        feature = QgsFeature(found.getFeature(self._number(found, fid)))
        index = found.fields().lookupField(field)
        feature.setAttribute(index, value)
        holds, _ = QgsVectorLayerUtils.validateAttribute(found, feature, index)
        return [holds, found.constraintDescription(index)]

    def wait_for_notification(self, layer, seconds):
        """Whether a layer was told to draw itself anew within so many seconds."""
        found = self.project.mapLayer(layer)
        told = []
        found.repaintRequested.connect(lambda *_: told.append(time.perf_counter()))
        before = time.perf_counter()
        while not told and time.perf_counter() - before < seconds:
            QCoreApplication.processEvents()
            time.sleep(0.01)
        return bool(told)

    def provider(self, source, kind, limit=5):
        """A layer of another provider (OAPIF): how many, which fields, which system, first rows."""
        added = QgsVectorLayer(source, "other", kind)
        rows = []
        if added.isValid():
            for feature in added.getFeatures():
                if len(rows) < limit:
                    rows.append({"wkt": feature.geometry().asWkt(6), **self._row(added, feature)})
        return {"valid": added.isValid(), "error": added.error().message(), "count": added.featureCount(),
                "fields": [field.name() for field in added.fields()], "crs": added.crs().authid(),
                "rows": rows,
                "log": list(self.log)}  # fmt: skip


def main():
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], True)
    application.initQgis()
    inside = Inside()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what QGIS prints is no answer
    answers.write(json.dumps({"version": Qgis.QGIS_VERSION}) + "\n")
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said = {"said": getattr(inside, asked["do"])(**asked["with"])}
        except Exception as error:  # noqa: BLE001 - the test that asked shall see it
            import traceback

            said = {"broken": f"{error}\n{traceback.format_exc()}"}
        answers.write(json.dumps(said, default=str) + "\n")
    inside.project.clear()
    application.exitQgis()


if __name__ == "__main__":
    QColor  # noqa: B018
    main()
