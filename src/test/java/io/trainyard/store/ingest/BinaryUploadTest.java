package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.IngestOptions.OnError;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.Upload;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class BinaryUploadTest {
  @TempDir Path folder;
  TestDatasets datasets;

  @BeforeEach
  void open() {
    datasets = new TestDatasets(folder);
  }

  @AfterEach
  void close() {
    datasets.close();
  }

  private byte[] parquet(String select) throws Exception {
    Path file = folder.resolve("made.parquet");
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  private DatasetVersion made(Format format, byte[] bytes) {
    return datasets.create("t", format, bytes, IngestOptions.DEFAULT).version();
  }

  @Test
  void parquetColumnsBecomeOurTypes() throws Exception {
    DatasetVersion version =
        made(
            Format.PARQUET,
            parquet(
                """
                SELECT 1::TINYINT AS "a b", 2.5::FLOAT AS f, 'NaN'::DOUBLE AS n, 1.25::DECIMAL(9,2) AS d,
                  'x' AS s, true AS b, DATE '2026-01-31' AS day, TIMESTAMP '2026-01-31 12:00:00' AS at,
                  18446744073709551615::UBIGINT AS u, 7::UBIGINT AS v,
                  [[1, 2, 3], [4, 5, 6]]::INTEGER[][] AS img, [0.5, 1.5]::FLOAT[2] AS fixed\
                """));
    assertThat(version.columns().stream().map(c -> c.name() + ":" + c.type()))
        .containsExactly(
            "a b:INTEGER",
            "f:NUMBER",
            "n:NUMBER",
            "d:NUMBER",
            "s:STRING",
            "b:BOOLEAN",
            "day:TIMESTAMP",
            "at:TIMESTAMP",
            "u:NUMBER",
            "v:INTEGER",
            "img:TENSOR",
            "fixed:TENSOR");
    assertThat(version.columns().get(10).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(datasets.store().rows(version, 0, 1).getFirst().toString())
        .isEqualTo(
            "{\"a b\":1,\"f\":2.5,\"n\":null,\"d\":1.25,\"s\":\"x\",\"b\":true,"
                + "\"day\":\"2026-01-31T00:00:00Z\",\"at\":\"2026-01-31T12:00:00Z\","
                + "\"u\":1.8446744073709552E19,\"v\":7,\"img\":[[1,2,3],[4,5,6]],"
                + "\"fixed\":[0.5,1.5]}");
  }

  @Test
  void parquetThatCannotBeTakenIsRefused() throws Exception {
    byte[] good = parquet("SELECT 1 AS a");
    assertRefused(Format.PARQUET, Arrays.copyOf(good, good.length / 2), "");
    assertRefused(Format.PARQUET, new byte[0], "");
    assertRefused(Format.PARQUET, "PAR1 nonsense PAR1".getBytes(StandardCharsets.UTF_8), "");
    assertRefused(Format.PARQUET, parquet("SELECT 1 AS a WHERE false"), "no rows");
    assertRefused(Format.PARQUET, parquet("SELECT 'inf'::DOUBLE AS a"), "Row 1, column 'a'");
    assertRefused(Format.PARQUET, parquet("SELECT {'x': 1} AS a"), "not taken");
    assertRefused(
        Format.PARQUET,
        parquet("SELECT unnest([[1.0, 2.0], [3.0]]) AS a"),
        "lists of 1 to 2 elements");
    assertRefused(Format.PARQUET, parquet("SELECT [1.0, NULL] AS a"), "no finite numbers");
    assertRefused(Format.PARQUET, parquet("SELECT ['a'] AS a"), "numbers were expected");
    byte[] flipped = parquet("SELECT i AS a FROM range(1000) r(i)");
    for (int at = 4; at < flipped.length; at += 97) {
      byte[] damaged = flipped.clone();
      damaged[at] ^= 0x55;
      try {
        datasets.create("flipped-" + at, Format.PARQUET, damaged, IngestOptions.DEFAULT);
      } catch (io.trainyard.error.ServiceException e) {
        assertThat(e.code().family())
            .as("byte %d: %s", at, e.detail())
            .isEqualTo(io.trainyard.error.ErrorCode.Family.INVALID);
      }
    }
  }

  private void assertRefused(Format format, byte[] bytes, String detail) {
    assertThat(datasets.refused(format, bytes, IngestOptions.DEFAULT))
        .satisfies(
            e -> {
              assertThat(e.code()).isEqualTo(io.trainyard.error.ErrorCode.INVALID_ROWS);
              assertThat(e.detail()).contains(detail);
            });
  }

  @Test
  void npyFilesBecomeColumns() throws Exception {
    HostTensor x = HostTensor.ofFloats(Shape.of(3, 2, 1), 1, 2, 3, 4, 5, 6);
    HostTensor y = HostTensor.ofLongs(Shape.of(3), 7, 9007199254740993L, 9);
    DatasetVersion single = made(Format.NPY, Npy.write(x));
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

  /** More elements than are read at once. */
  @Test
  void aLongNpyFileKeepsItsOrderAndNamesItsFaultyRow() throws Exception {
    int rows = 300_000;
    float[] elements = new float[rows];
    for (int row = 0; row < rows; row++) {
      elements[row] = row;
    }
    DatasetVersion version =
        made(Format.NPY, Npy.write(HostTensor.ofFloats(Shape.of(rows), elements)));
    assertThat(version.rows()).isEqualTo(rows);
    assertThat(datasets.store().rows(version, 290_000, 1)).hasToString("[{\"x\":290000.0}]");
    elements[290_000] = Float.NEGATIVE_INFINITY;
    assertRefused(
        Format.NPY, Npy.write(HostTensor.ofFloats(Shape.of(rows), elements)), "row 290001 holds");
  }

  @Test
  void npyThatLiesIsRefused() {
    byte[] good = Npy.write(HostTensor.ofFloats(Shape.of(2, 2), 1, 2, 3, 4));
    assertRefused(
        Format.NPY, Arrays.copyOf(good, good.length - 1), "takes 16 bytes, and there are 15");
    assertRefused(Format.NPY, Arrays.copyOf(good, 20), "");
    assertRefused(Format.NPY, new byte[0], "");
    byte[] huge =
        new String(good, StandardCharsets.ISO_8859_1)
            .replace("(2, 2)", "(9,9999999999)".substring(0, 6))
            .getBytes(StandardCharsets.ISO_8859_1);
    assertRefused(Format.NPY, huge, "");
    assertRefused(
        Format.NPY,
        Npy.write(HostTensor.ofFloats(Shape.of(2), 1, Float.POSITIVE_INFINITY)),
        "row 2");
    assertRefused(Format.NPY, Npy.write(HostTensor.ofFloats(Shape.of(0))), "no rows");
  }

  private static byte[] png(int width, int height, boolean gray, int seed) throws Exception {
    BufferedImage image =
        new BufferedImage(
            width, height, gray ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (gray) {
          image.getRaster().setSample(x, y, 0, seed + 10 * y + x);
        } else {
          image.setRGB(x, y, seed << 16 | y << 8 | x);
        }
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static byte[] zip(Map<String, byte[]> files) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return out.toByteArray();
  }

  @Test
  void aZippedFolderOfImagesIsATensorAndALabel() throws Exception {
    byte[] archive =
        zip(
            Map.of(
                "set/cat/1.png",
                png(3, 2, true, 5),
                "set/dog/2.png",
                png(3, 2, true, 100),
                "__MACOSX/set/._1.png",
                new byte[3],
                "set/.DS_Store",
                new byte[3]));
    DatasetVersion version = made(Format.IMAGES, archive);
    assertThat(version.rows()).isEqualTo(2);
    assertThat(version.columns().getFirst().shape()).isEqualTo(Shape.of(2, 3, 1));
    assertThat(datasets.store().rows(version, 0, 2).toString())
        .isEqualTo(
            "[{\"image\":[[[5],[6],[7]],[[15],[16],[17]]],\"label\":\"cat\"},"
                + " {\"image\":[[[100],[101],[102]],[[110],[111],[112]]],\"label\":\"dog\"}]");
    DatasetVersion color =
        made(
            Format.IMAGES,
            zip(Map.of("a/1.png", png(2, 1, false, 9), "b/1.png", png(2, 1, true, 50))));
    assertThat(color.columns().getFirst().shape()).isEqualTo(Shape.of(1, 2, 3));
    assertThat(datasets.store().rows(color, 0, 1).getFirst().get("image").toString())
        .isEqualTo("[[[9,0,0],[9,0,1]]]");
  }

  @Test
  void aJpegIsDecodedToItsColours() throws Exception {
    BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 16 * 8; i++) {
      image.setRGB(i % 16, i / 16, 0xc83214);
    }
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", jpeg);
    DatasetVersion version =
        made(
            Format.IMAGES,
            zip(Map.of("red/1.jpg", jpeg.toByteArray(), "red/2.JPEG", jpeg.toByteArray())));
    assertThat(version.rows()).isEqualTo(2);
    assertThat(version.columns().getFirst().shape()).isEqualTo(Shape.of(8, 16, 3));
    JsonNode pixel = datasets.store().rows(version, 0, 1).getFirst().at("/image/3/3");
    // JPEG loses a little.
    assertThat(pixel.get(0).intValue()).isBetween(0xc8 - 4, 0xc8 + 4);
    assertThat(pixel.get(1).intValue()).isBetween(0x32 - 4, 0x32 + 4);
    assertThat(pixel.get(2).intValue()).isBetween(0x14 - 4, 0x14 + 4);
  }

  @Test
  void imagesAreResizedWhenAskedAndRefusedWhenNot() throws Exception {
    byte[] archive = zip(Map.of("a/1.png", png(3, 2, true, 5), "b/2.png", png(30, 20, true, 5)));
    assertRefused(Format.IMAGES, archive, "different sizes");
    IngestOptions resized =
        new IngestOptions(OnError.REJECT, null, null, Map.of(), List.of(), "x", List.of(8, 9));
    assertThat(
            datasets
                .create("t", Format.IMAGES, archive, resized)
                .version()
                .columns()
                .getFirst()
                .shape())
        .isEqualTo(Shape.of(8, 9, 1));
    assertRefused(Format.IMAGES, zip(Map.of("a/1.png", new byte[10])), "no PNG or JPEG");
    assertRefused(Format.IMAGES, zip(Map.of("readme/", new byte[0])), "no PNG or JPEG images");
    assertRefused(Format.IMAGES, new byte[100], "cannot be read");
    byte[] bomb = zip(Map.of("a/1.png", new byte[80 << 20]));
    assertRefused(Format.IMAGES, bomb, "larger than 64 MiB");
    IngestOptions skipping = TestDatasets.skipping();
    DatasetVersion kept =
        datasets
            .create(
                "t",
                Format.IMAGES,
                zip(Map.of("a/1.png", new byte[10], "a/2.png", png(2, 2, true, 1))),
                skipping)
            .version();
    assertThat(kept.rows()).isEqualTo(1);
    assertThat(kept.rejectedRows()).isEqualTo(1);
    assertThat(kept.columns().get(1).type()).isEqualTo(ColumnType.STRING);
  }

  /** As pictures are: 2048 such rows at once would take five times the memory of a task. */
  @Test
  void rowsThatTogetherTakeMoreThanTheMemoryAreWritten() {
    int rows = 500;
    Shape shape = Shape.of(rows, 224, 224, 3);
    byte[] file;
    try (Arena arena = Arena.ofConfined()) {
      HostTensor tensor = HostTensor.allocate(ElementType.UINT8, shape, arena);
      for (int row = 0; row < rows; row++) {
        tensor.data().set(ValueLayout.JAVA_BYTE, row * shape.row().elements(), (byte) (row % 200));
      }
      file = Npy.write(tensor);
    }
    DatasetVersion version = made(Format.NPY, file);
    assertThat(version.rows()).isEqualTo(rows);
    for (int row : new int[] {0, 27, 28, 499}) {
      JsonNode shown = datasets.store().rows(version, row, 1).getFirst();
      assertThat(shown.at("/x/0/0/0").asInt()).isEqualTo(row % 200);
    }
  }
}
