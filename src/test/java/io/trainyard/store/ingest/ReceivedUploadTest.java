package io.trainyard.store.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.os.Sha256;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReceivedUploadTest {
  private static final String BYTES =
      HexFormat.of().formatHex(Sha256.begin().digest("a\n1\n".getBytes(US_ASCII)));

  @Test
  void optionsThatReadTheBytesInAnotherWayGiveAnotherDigest() {
    List<IngestOptions> all =
        List.of(
            options(Map.of(), List.of("a, b")),
            options(Map.of(), List.of("a", "b")),
            options(Map.of(), List.of("a", "b]\nx")),
            options(Map.of("a=STRING, b", ColumnType.STRING), List.of()),
            options(Map.of("a", ColumnType.STRING, "b", ColumnType.STRING), List.of()),
            options(Map.of("a=STRING, b=STRING, c", ColumnType.STRING), List.of()));
    Set<String> digests = new HashSet<>();
    for (IngestOptions options : all) {
      digests.add(digest(options));
    }
    assertThat(digests).hasSize(all.size());
  }

  /** Digests are stored: the same upload must find its version after an update. */
  @Test
  void plainOptionsKeepTheirDigest() {
    String text = "CSV\nREJECT\nnull\nnull\n{}\n[NA, none]\nx\n[]\nfile\n" + BYTES;
    assertThat(digest(options(Map.of(), List.of("NA", "none"))))
        .isEqualTo(HexFormat.of().formatHex(Sha256.begin().digest(text.getBytes(US_ASCII))));
  }

  private static IngestOptions options(Map<String, ColumnType> types, List<String> nulls) {
    return new IngestOptions(
        IngestOptions.OnError.REJECT, null, null, types, nulls, "x", List.of());
  }

  private static String digest(IngestOptions options) {
    return ReceivedUpload.digest(Upload.Format.CSV, options, BYTES);
  }
}
