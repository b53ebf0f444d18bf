package io.trainyard.store.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.util.unit.DataSize;

/** Archives made to cost more than their bytes, or to write outside their folder. */
@ExtendWith(FreshDatasets.class)
@Timeout(60)
@Tag("service")
class ZipArchiveTest {
  private static final byte[] IMAGE = Images.encode("png", BufferedImage.TYPE_BYTE_GRAY, 3, 2);

  @TempDir Path folder;
  private final TestDatasets datasets;

  ZipArchiveTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  @SuppressWarnings("ImmutableEnumChecker")
  enum Hostile {
    OVERLAPPING(
        "overlaps another one",
        new Zips().deflated("a.png", IMAGE).listed("b.png", 0, 8, IMAGE.length, IMAGE.length, 0)),
    NESTED(
        "overlaps another one",
        new Zips()
            .stored("a.png", new Zips().deflated("b.png", IMAGE).bytes())
            .listed("b.png", 0, 8, 20, IMAGE.length, 35)),
    RATIO("'a/bomb.png' inflates from", new Zips().deflated("a/bomb.png", new byte[8 << 20])),
    LARGER_THAN_DECLARED(
        "does not inflate to the 90 bytes",
        new Zips().entry("a.png", 0, 8, Zips.deflate(Arrays.copyOf(IMAGE, 9_000)), 90)),
    SMALLER_THAN_DECLARED(
        "does not inflate to the 900000 bytes",
        new Zips().entry("a.png", 0, 8, Zips.deflate(IMAGE), 900_000)),
    PARENT("'x/../../a.png' leaves", new Zips().deflated("x/../../a.png", IMAGE)),
    PARENT_WITH_BACKSLASHES("leaves", new Zips().deflated("x\\..\\a.png", IMAGE)),
    PARENT_FOLDER("'../' leaves", new Zips().deflated("a.png", IMAGE).deflated("../", new byte[0])),
    ABSOLUTE("leaves", new Zips().deflated("/etc/a.png", IMAGE)),
    DRIVE("leaves", new Zips().deflated("C:\\a.png", IMAGE)),
    ENCRYPTED("is encrypted", new Zips().entry("a.png", 1, 8, IMAGE, IMAGE.length)),
    UNKNOWN_METHOD("method 12", new Zips().entry("a.png", 0, 12, IMAGE, IMAGE.length)),
    STORED_WITH_ANOTHER_SIZE("impossible size", new Zips().entry("a.png", 0, 0, IMAGE, 7)),
    MORE_CLAIMED("ends after 1 entries", new Zips().deflated("a.png", IMAGE).claiming(9)),
    FAR_MORE_CLAIMED("2000000000 entries", new Zips().claiming(2_000_000_000)),
    BEYOND_THE_FILE("overlaps", new Zips().listed("a.png", 0, 8, 1 << 30, 1 << 30, 0)),
    NOT_DEFLATED("cannot be unpacked", new Zips().entry("a.png", 0, 8, new byte[] {7, 7}, 9));

    final String fault;
    final Zips archive;

    Hostile(String fault, Zips archive) {
      this.fault = fault;
      this.archive = archive;
    }
  }

  @ParameterizedTest
  @EnumSource
  void hostileArchiveIsRefusedWithItsFault(Hostile hostile) {
    datasets.assertRefused(Format.IMAGES, hostile.archive.bytes(), hostile.fault);
  }

  @Test
  void entriesAreCountedBeforeTheyAreRead() {
    Zips full = new Zips().deflated("a.png", IMAGE);
    Zips fuller = new Zips();
    for (int i = 1; i < 200_000; i++) {
      full.entry("." + i, 0, 0, new byte[0], 0);
      fuller.entry("." + i, 0, 0, new byte[0], 0);
    }
    assertThat(datasets.create(Format.IMAGES, full.bytes()).rows()).isEqualTo(1);
    fuller.deflated("a.png", IMAGE).deflated("b.png", IMAGE);
    datasets.assertRefused(Format.IMAGES, fuller.bytes(), "200001 entries; at most 200000");
  }

  @Test
  void archiveInflatesToNoMoreThanAnUpload() {
    byte[] archive = Zips.of(Map.of("a.png", IMAGE, "b.png", Arrays.copyOf(IMAGE, 90_000)));
    try (TestDatasets small = new TestDatasets(folder.resolve("small"), DataSize.ofBytes(80_000))) {
      ServiceException refusal = small.refused(Format.IMAGES, archive, IngestOptions.DEFAULT);
      assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ROWS);
      assertThat(refusal.detail()).contains("more than 80000 bytes", "'b.png'");
    }
  }

  @Test
  void everyTruncationAndFlippedByteIsReadOrRefused() {
    byte[] good = Zips.of(Map.of("cat/a.png", IMAGE, "dog/b.png", IMAGE));
    for (int i = 0; i < good.length; i += 3) {
      byte[] flipped = good.clone();
      flipped[i] ^= (byte) 0x81;
      readOrRefuse(flipped, "byte " + i + " flipped");
    }
    for (int i = 0; i < good.length; i += 10) {
      readOrRefuse(Arrays.copyOf(good, i), "cut after " + i);
    }
  }

  private void readOrRefuse(byte[] archive, String change) {
    try {
      assertThat(datasets.create(Format.IMAGES, archive).rows()).as(change).isPositive();
    } catch (ServiceException e) {
      assertThat(e.code().family()).as(change).isEqualTo(ErrorCode.Family.INVALID);
      assertThat(e.detail()).as(change).doesNotContain("java.", "Exception");
    }
  }
}
