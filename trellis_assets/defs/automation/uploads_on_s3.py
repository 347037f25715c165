"""The sensor on new uploads on S3; imported only where they are there, boto3 takes a second."""

from urllib.parse import urlsplit

import dagster as dg
from dagster_aws.s3 import S3Resource

from trellis_assets.catalog import UploadAutomation
from trellis_assets.uploads import UploadQueue, open_uploads

from ..resources import PipelineResource
from .uploads import look, sensor_of


def bucket_sensor(automation: UploadAutomation) -> dg.SensorDefinition:
    """The sensor on an S3 prefix. With TRELLIS_ASSETS_UPLOADS_QUEUE it follows the bucket's
    notifications and lists a page at a time; else it lists the prefix at every look.
    """

    def new_uploads(
        context: dg.SensorEvaluationContext, pipeline: PipelineResource, s3: S3Resource
    ) -> dg.SensorResult:
        place = open_uploads(pipeline.uploads, client=s3.get_client)
        return look(context, pipeline, place, _queue(pipeline))

    return sensor_of(new_uploads, automation)


def s3_resource() -> S3Resource:
    """Endpoint, region and credentials as boto3 finds them."""
    return S3Resource()


def _queue(pipeline: PipelineResource) -> UploadQueue | None:
    if not pipeline.uploads_queue:
        return None
    place = urlsplit(pipeline.uploads)
    return UploadQueue(pipeline.uploads_queue, place.netloc, place.path)
