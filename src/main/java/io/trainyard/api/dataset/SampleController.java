package io.trainyard.api.dataset;

import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Sample;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Small datasets that ship with the service. */
@RestController
@RequestMapping("/v1/samples")
record SampleController(DatasetCatalogue datasets) {
  @GetMapping
  SampleList list() {
    return new SampleList(
        Sample.all().stream()
            .map(
                sample ->
                    new SampleView(
                        sample.name(),
                        sample.description(),
                        sample.source(),
                        sample.format().mediaType()))
            .toList());
  }

  record SampleList(List<SampleView> samples) {}

  record SampleView(String name, String description, String source, String mediaType) {}

  /** Makes a sample a dataset of the same name. Repeated calls give the same version. */
  @TakesIdempotencyKey(creates = Created.Kind.DATASET_VERSION)
  @PostMapping("/{sample}")
  ResponseEntity<DatasetView> create(@PathVariable("sample") String name) throws IOException {
    Sample sample =
        Sample.find(name)
            .orElseThrow(
                () ->
                    new ServiceException(
                        ErrorCode.SAMPLE_NOT_FOUND,
                        "There is no sample '" + name + "'; GET /v1/samples lists them"));
    try (InputStream body = sample.open()) {
      return DatasetController.created(
          datasets.create(
              new Upload(
                  sample.name(),
                  sample.format(),
                  IngestOptions.DEFAULT,
                  List.of(new Upload.Part(sample.file(), body)))));
    }
  }
}
