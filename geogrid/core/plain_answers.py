"""Answers that Django gives around our views: as JSON under /api/, as its own page elsewhere."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a request that Django would not read, for example for a host that is not ours."""
    if _is_api(request):
        return JsonResponse({"code": "bad_request", "detail": "The request cannot be read."}, status=400)
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: an address that none of ours matches."""
    if _is_api(request):
        return JsonResponse({"code": "not_found", "detail": "There is no such thing here."}, status=404)
    return defaults.page_not_found(request, exception)


def went_wrong(request: HttpRequest) -> HttpResponse:
    """500: a bug of ours, which stands in the log."""
    if _is_api(request):
        detail = "Something went wrong here; it has been written to the log."
        return JsonResponse({"code": "server_error", "detail": detail}, status=500)
    return defaults.server_error(request)
