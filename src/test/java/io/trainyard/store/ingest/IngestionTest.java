package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

@ExtendWith(FreshDatasets.class)
@Timeout(60)
@Tag("service")
class IngestionTest {
  @TempDir Path folder;
  private final TestDatasets datasets;

  IngestionTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  @Test
  void sameBytesAndOptionsAreTheSameVersion() {
    DatasetCatalogue.Creation first =
        datasets.create("t", Format.CSV, "a\n1\n", IngestOptions.DEFAULT);
    DatasetCatalogue.Creation again =
        datasets.create("t", Format.CSV, "a\n1\n", IngestOptions.DEFAULT);
    DatasetCatalogue.Creation skipping =
        datasets.create("t", Format.CSV, "a\n1\n", TestDatasets.skipping());
    assertThat(first.created()).isTrue();
    assertThat(again.created()).isFalse();
    assertThat(again.version()).isEqualTo(first.version());
    assertThat(skipping.version().version()).isEqualTo(2);
    assertThat(datasets.csv("other", "a\n1\n").version()).isEqualTo(1);
  }

  @Test
  void tooLargeUploadIsRefusedAnnouncedOrNot() {
    try (TestDatasets small = new TestDatasets(folder.resolve("small"), DataSize.ofBytes(9))) {
      assertThat(small.csv("t", "a\n1\n2\n3\n").rows()).isEqualTo(3);
      assertThat(small.refused(Format.CSV, "a\n1\n2\n3\n4\n", IngestOptions.DEFAULT).code())
          .isEqualTo(ErrorCode.BODY_TOO_LARGE);
      Upload.Part announced = new Upload.Part("file", new ByteArrayInputStream(new byte[0]), 10);
      assertThatThrownBy(
              () ->
                  small
                      .store()
                      .create(
                          new Upload("t", Format.CSV, IngestOptions.DEFAULT, List.of(announced))))
          .isInstanceOfSatisfying(
              ServiceException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.BODY_TOO_LARGE));
    }
  }
}
