package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.Upload;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(FreshDatasets.class)
@Timeout(60)
@Tag("service")
class NpyIngestionTest {
  private final TestDatasets datasets;

  NpyIngestionTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  @Test
  void filesBecomeColumns() throws Exception {
    HostTensor x = HostTensor.ofFloats(Shape.of(3, 2, 1), 1, 2, 3, 4, 5, 6);
    HostTensor y = HostTensor.ofLongs(Shape.of(3), 7, 9007199254740993L, 9);
    DatasetVersion single = datasets.create(Format.NPY, Npy.write(x));
    assertThat(single.columns().getFirst().name()).isEqualTo("x");
    assertThat(single.columns().getFirst().shape()).isEqualTo(Shape.of(2, 1));
    DatasetCatalogue.Creation both =
        datasets
            .store()
            .create(
                new Upload(
                    "both",
                    Format.NPY,
                    IngestOptions.DEFAULT,
                    List.of(
                        new Upload.Part("x", new ByteArrayInputStream(Npy.write(x))),
                        new Upload.Part("y", new ByteArrayInputStream(Npy.write(y))))));
    assertThat(both.version().columns().stream().map(c -> c.name() + ":" + c.type()))
        .containsExactly("x:TENSOR", "y:INTEGER");
    assertThat(datasets.store().rows(both.version(), 1, 1).getFirst().toString())
        .isEqualTo("{\"x\":[[3.0],[4.0]],\"y\":9007199254740993}");
    List<Rows> rows = new ArrayList<>();
    datasets.store().scan(both.version(), null, List.of("x"), rows::add);
    assertThat(((ColumnValues.Numbers) rows.getFirst().column("x")).elements())
        .containsExactly(1, 2, 3, 4, 5, 6);
    try (InputStream content = datasets.store().original(both.version())) {
      byte[] archive = content.readAllBytes();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(archive);
      assertThat(both.version().sha256()).isEqualTo(HexFormat.of().formatHex(digest));
      try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
        assertThat(zip.getNextEntry().getName()).isEqualTo("x.npy");
        assertThat(zip.readAllBytes()).isEqualTo(Npy.write(x));
        assertThat(zip.getNextEntry().getName()).isEqualTo("y.npy");
        assertThat(zip.readAllBytes()).isEqualTo(Npy.write(y));
      }
    }
    assertThat(both.version().contentType()).isEqualTo("application/zip");
    assertThat(single.contentType()).isEqualTo("application/x-npy");
  }

  /** The file has more elements than one block. */
  @Test
  void longFileKeepsItsOrderAndNamesItsFaultyRow() throws Exception {
    int rows = 300_000;
    float[] elements = new float[rows];
    for (int row = 0; row < rows; row++) {
      elements[row] = row;
    }
    DatasetVersion version =
        datasets.create(Format.NPY, Npy.write(HostTensor.ofFloats(Shape.of(rows), elements)));
    assertThat(version.rows()).isEqualTo(rows);
    assertThat(datasets.store().rows(version, 290_000, 1)).hasToString("[{\"x\":290000.0}]");
    elements[290_000] = Float.NEGATIVE_INFINITY;
    datasets.assertRefused(
        Format.NPY, Npy.write(HostTensor.ofFloats(Shape.of(rows), elements)), "row 290001 holds");
  }

  @Test
  void fileThatContradictsItsHeaderIsRefused() {
    byte[] good = Npy.write(HostTensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4));
    datasets.assertRefused(
        Format.NPY, Arrays.copyOf(good, good.length - 1), "takes 16 bytes, and there are 15");
    datasets.assertRefused(Format.NPY, Arrays.copyOf(good, 20), "");
    datasets.assertRefused(Format.NPY, new byte[0], "");
    byte[] huge =
        new String(good, StandardCharsets.ISO_8859_1)
            .replace("(2, 2)", "(9,9999999999)".substring(0, 6))
            .getBytes(StandardCharsets.ISO_8859_1);
    datasets.assertRefused(Format.NPY, huge, "");
    datasets.assertRefused(
        Format.NPY,
        Npy.write(HostTensor.ofFloats(Shape.of(2), 1, Float.POSITIVE_INFINITY)),
        "row 2");
    datasets.assertRefused(Format.NPY, Npy.write(HostTensor.ofFloats(Shape.of(0))), "no rows");
  }
}
