"""Addresses of the API of assets."""

from django.urls import path

from assets import api, api_labels
from assets.photos import api as photos

urlpatterns = [
    path("assets", api.Assets.as_view(), name="assets"),
    path("assets/<str:code>", api.OneAsset.as_view(), name="asset"),
    path("assets/<str:code>/history", api.AssetHistory.as_view(), name="asset-history"),
    path("assets/<str:code>/photos", photos.AssetPhotos.as_view(), name="asset-photos"),
    path("assets/<str:code>/label", api_labels.Label.as_view(), name="asset-label"),
    path("assets/<str:code>/label.svg", api_labels.LabelSVG.as_view(), name="asset-label-svg"),
    path("assets/<str:code>/label.png", api_labels.LabelPNG.as_view(), name="asset-label-png"),
    path("photos/<str:public_id>/original", photos.OriginalPicture.as_view(), name="photo-original"),
    path("photos/<str:public_id>/<str:size>.jpg", photos.SmallerPicture.as_view(), name="photo"),
    path("buildings/<str:building_id>", api.OneBuilding.as_view(), name="building"),
    path("catalogue/assets", api.AssetClasses.as_view(), name="asset-classes"),
]
