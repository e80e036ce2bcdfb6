"""What a Prometheus reads in an answer of `/metrics`."""

from prometheus_client.parser import text_string_to_metric_families


class Scrape:
    def __init__(self, text: str) -> None:
        self.samples = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    def value(self, name: str, /, **labels: str) -> float | None:
        """Of the one sample with exactly these labels; None where there is none."""
        return next(
            (one.value for one in self.samples if (one.name, one.labels) == (name, labels)), None
        )

    def requests(self, **labels: str) -> float:
        """How many were answered, of those whose labels are these."""
        return sum(
            one.value
            for one in self.samples
            if one.name == "http_request_duration_seconds_count"
            and labels.items() <= one.labels.items()
        )

    def labels(self, name: str, label: str) -> set[str]:
        """The values of a label."""
        return {one.labels[label] for one in self.samples if one.name == name}
