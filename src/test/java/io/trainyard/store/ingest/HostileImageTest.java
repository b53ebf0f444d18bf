package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.IngestOptions.OnError;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images made to cost more than their bytes. The test store decodes in 64 MB. */
@ExtendWith(FreshDatasets.class)
@Timeout(60)
@Tag("service")
class HostileImageTest {
  private static final byte[] PALETTE = {0, 0, 0, 9, 9, 9};
  private static final byte[] NOT_COMPRESSED = "k\0\0k".getBytes(StandardCharsets.US_ASCII);

  private final TestDatasets datasets;

  HostileImageTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  @SuppressWarnings("ImmutableEnumChecker")
  enum Hostile {
    MANY_PIXELS(
        "decoding it needs 640", new Images.Png(8000, 8000, 16, 0).chunk("IDAT", new byte[9])),
    MORE_PIXELS("8193 × 8192 pixels", new Images.Png(8192, 8193, 8, 2)),
    NEGATIVE_SIZE("4294967295 × 5 pixels", new Images.Png(5, -1, 8, 0)),
    NO_PIXELS("0 × 5 pixels", new Images.Png(5, 0, 8, 0)),
    UNKNOWN_COLORS("color type 5", new Images.Png(5, 5, 8, 5)),
    NO_PALETTE("palette is missing", new Images.Png(5, 5, 8, 3).chunk("IDAT", new byte[9])),
    NO_END("ends before its last chunk", new Images.Png(5, 5, 8, 0).chunk("IDAT", new byte[9])),
    NO_DATA("cannot be decoded", new Images.Png(5, 5, 8, 0).chunk("IEND", new byte[0]));

    final String fault;
    final byte[] file;

    Hostile(String fault, Images.Png file) {
      this.fault = fault;
      this.file = file.bytes();
    }
  }

  @ParameterizedTest
  @EnumSource
  void hostileImageIsRefusedWithItsFault(Hostile hostile) {
    datasets.assertRefused(Format.IMAGES, Zips.of(Map.of("a/1.png", hostile.file)), hostile.fault);
  }

  @Test
  void lengthOfAChunkIsCheckedAgainstTheFile() {
    byte[] png = Images.encode("png", BufferedImage.TYPE_INT_RGB, 3, 3);
    png[33] = 0x7f;
    datasets.assertRefused(Format.IMAGES, Zips.of(Map.of("1.png", png)), "but the file has only");
  }

  @Test
  void textsAndColorProfilesAreNotRead() {
    byte[] png =
        new Images.Png(2, 1, 8, 3)
            .chunk("zTXt", NOT_COMPRESSED)
            .chunk("iCCP", NOT_COMPRESSED)
            .chunk("PLTE", PALETTE)
            .chunk("IDAT", Images.zlib(new byte[] {0, 1, 0}))
            .chunk("IEND", new byte[0])
            .bytes();
    DatasetVersion version = datasets.create(Format.IMAGES, Zips.of(Map.of("1.png", png)));
    assertThat(datasets.store().rows(version, 0, 1).getFirst().get("image").toString())
        .isEqualTo("[[[9],[0]]]");
  }

  @Test
  void paletteOfColorsGivesThreeChannels() {
    byte[] png =
        new Images.Png(2, 1, 8, 3)
            .chunk("PLTE", new byte[] {1, 2, 3, 4, 5, 6})
            .chunk("IDAT", Images.zlib(new byte[] {0, 1, 0}))
            .chunk("IEND", new byte[0])
            .bytes();
    DatasetVersion version = datasets.create(Format.IMAGES, Zips.of(Map.of("1.png", png)));
    assertThat(datasets.store().rows(version, 0, 1).getFirst().get("image").toString())
        .isEqualTo("[[[4,5,6],[1,2,3]]]");
  }

  @Test
  void scansOfAJpegAreCounted() {
    byte[] jpeg = Images.encode("jpg", BufferedImage.TYPE_INT_RGB, 16, 16);
    int scan = 0;
    while (jpeg[scan] != (byte) 0xff || jpeg[scan + 1] != (byte) 0xda) {
      scan++;
    }
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, scan);
    for (int i = 0; i < 200; i++) {
      many.write(jpeg, scan, jpeg.length - scan - 2);
    }
    many.write(jpeg, jpeg.length - 2, 2);
    datasets.assertRefused(
        Format.IMAGES, Zips.of(Map.of("1.jpg", many.toByteArray())), "more than 100 scans");
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length - 40);
    datasets.assertRefused(Format.IMAGES, Zips.of(Map.of("1.jpg", cut)), "before its end marker");
  }

  @Test
  void rowsMayNotBecomeLargerThanAnUpload() {
    IngestOptions large =
        new IngestOptions(
            OnError.REJECT, null, null, Map.of(), List.of(), "x", List.of(4096, 4096));
    byte[] image = Images.encode("png", BufferedImage.TYPE_INT_RGB, 1, 1);
    Zips many = new Zips();
    for (int i = 0; i < 100; i++) {
      many.deflated(i + ".png", image);
    }
    ServiceException refusal = datasets.refused(Format.IMAGES, many.bytes(), large);
    assertThat(refusal.detail()).contains("5033164800 values", "trainyard.datasets.max-upload");
  }

  @Test
  void brokenImageIsSkippedWhereBadRowsAre() {
    byte[] good = Images.encode("png", BufferedImage.TYPE_BYTE_GRAY, 5, 5);
    byte[] archive = Zips.of(Map.of("1.png", Hostile.NO_DATA.file, "2.png", good));
    DatasetVersion kept =
        datasets.create("t", Format.IMAGES, archive, TestDatasets.skipping()).version();
    assertThat(kept.rows()).isEqualTo(1);
    assertThat(kept.rejectedRows()).isEqualTo(1);
    datasets.assertRefused(Format.IMAGES, archive, "Image 1: 1.png: its pixels");
  }

  /** {@code -Dmutated.files=10000} mutates many. */
  @Test
  @Timeout(3_600)
  void everyMutatedImageIsReadOrRefused() {
    int count = Integer.getInteger("mutated.files", 150);
    Random random = new Random(Long.getLong("mutated.seed", 20261125));
    List<byte[]> good =
        List.of(
            Images.encode("png", BufferedImage.TYPE_INT_ARGB, 9, 7),
            Images.encode("png", BufferedImage.TYPE_USHORT_GRAY, 9, 7),
            Images.encode("png", BufferedImage.TYPE_BYTE_INDEXED, 9, 7),
            Images.encode("jpg", BufferedImage.TYPE_INT_RGB, 9, 7),
            Images.encode("jpg", BufferedImage.TYPE_BYTE_GRAY, 9, 7));
    int read = 0;
    for (int i = 0; i < count; i++) {
      byte[] mutated = good.get(i % good.size()).clone();
      for (int change = 0; change <= random.nextInt(3); change++) {
        // Most changes hit the headers.
        int at = random.nextInt(random.nextBoolean() ? 60 : mutated.length);
        mutated[at] = (byte) (random.nextBoolean() ? 0xff : random.nextInt(256));
      }
      read += isRead(mutated, i) ? 1 : 0;
    }
    assertThat(read).as("images that were read").isBetween(count / 15, count - count / 15);
  }

  private boolean isRead(byte[] image, int number) {
    try {
      datasets.create(Format.IMAGES, Zips.of(Map.of("1.img", image)));
      return true;
    } catch (ServiceException e) {
      assertThat(e.code()).as("image %d: %s", number, e.detail()).isEqualTo(ErrorCode.INVALID_ROWS);
      assertThat(e.detail()).doesNotContain("java", "Exception", "null");
      return false;
    }
  }
}
