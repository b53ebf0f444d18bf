package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.IngestOptions.OnError;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(FreshDatasets.class)
@Timeout(60)
@Tag("service")
class ImageIngestionTest {
  private final TestDatasets datasets;

  ImageIngestionTest(TestDatasets datasets) {
    this.datasets = datasets;
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
  void zippedFolderBecomesATensorAndALabel() throws Exception {
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
    DatasetVersion version = datasets.create(Format.IMAGES, archive);
    assertThat(version.rows()).isEqualTo(2);
    assertThat(version.columns().getFirst().shape()).isEqualTo(Shape.of(2, 3, 1));
    assertThat(datasets.store().rows(version, 0, 2).toString())
        .isEqualTo(
            "[{\"image\":[[[5],[6],[7]],[[15],[16],[17]]],\"label\":\"cat\"},"
                + " {\"image\":[[[100],[101],[102]],[[110],[111],[112]]],\"label\":\"dog\"}]");
    DatasetVersion color =
        datasets.create(
            Format.IMAGES,
            zip(Map.of("a/1.png", png(2, 1, false, 9), "b/1.png", png(2, 1, true, 50))));
    assertThat(color.columns().getFirst().shape()).isEqualTo(Shape.of(1, 2, 3));
    assertThat(datasets.store().rows(color, 0, 1).getFirst().get("image").toString())
        .isEqualTo("[[[9,0,0],[9,0,1]]]");
  }

  @Test
  void jpegIsDecodedToItsColors() throws Exception {
    BufferedImage image = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 16 * 8; i++) {
      image.setRGB(i % 16, i / 16, 0xc83214);
    }
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", jpeg);
    DatasetVersion version =
        datasets.create(
            Format.IMAGES,
            zip(Map.of("red/1.jpg", jpeg.toByteArray(), "red/2.JPEG", jpeg.toByteArray())));
    assertThat(version.rows()).isEqualTo(2);
    assertThat(version.columns().getFirst().shape()).isEqualTo(Shape.of(8, 16, 3));
    JsonNode pixel = datasets.store().rows(version, 0, 1).getFirst().at("/image/3/3");
    // JPEG compression is lossy.
    assertThat(pixel.get(0).intValue()).isBetween(0xc8 - 4, 0xc8 + 4);
    assertThat(pixel.get(1).intValue()).isBetween(0x32 - 4, 0x32 + 4);
    assertThat(pixel.get(2).intValue()).isBetween(0x14 - 4, 0x14 + 4);
  }

  @Test
  void imagesOfSeveralSizesAreResizedOrRefused() throws Exception {
    byte[] archive = zip(Map.of("a/1.png", png(3, 2, true, 5), "b/2.png", png(30, 20, true, 5)));
    datasets.assertRefused(Format.IMAGES, archive, "different sizes");
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
    datasets.assertRefused(
        Format.IMAGES, zip(Map.of("a/1.png", new byte[10])), "not a PNG or JPEG");
    datasets.assertRefused(
        Format.IMAGES, zip(Map.of("readme/", new byte[0])), "no PNG or JPEG images");
    datasets.assertRefused(Format.IMAGES, new byte[100], "cannot be read");
    byte[] bomb = zip(Map.of("a/1.png", new byte[80 << 20]));
    datasets.assertRefused(Format.IMAGES, bomb, "larger than 64 MiB");
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
}
