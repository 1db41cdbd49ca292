"""Job bodies and the runner that calls them on time; what a job does is a service's business."""
