package io.trainyard.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.Http;
import io.trainyard.store.DataDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DiskMetricsTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @Test
  void filesAreCountedByKindWithoutAWaitOfTheScrape(@TempDir Path folder) throws Exception {
    Path deep = Files.createDirectories(folder.resolve("weights/ab"));
    Files.write(deep.resolve("one"), new byte[1000]);
    Files.write(deep.resolve("two"), new byte[234]);
    Files.write(Files.createDirectory(folder.resolve("tmp")).resolve("a"), new byte[5]);
    Files.write(Files.createDirectory(folder.resolve("predictions")).resolve("b"), new byte[6]);
    var _ = new DiskMetrics(new DataDirectory(folder), meters);

    while (Double.isNaN(used("weights")) || Double.isNaN(used("temporary"))) {
      Http.pause(Duration.ofMillis(5));
    }
    assertThat(used("weights")).isEqualTo(1234);
    assertThat(used("temporary")).isEqualTo(11);
    assertThat(meters.get("trainyard.disk.free").gauge().value()).isPositive();
    assertThat(meters.get("trainyard.disk.size").gauge().value())
        .isGreaterThan(meters.get("trainyard.disk.reserve").gauge().value());
  }

  private double used(String kind) {
    return meters.get("trainyard.disk.used").tag("kind", kind).gauge().value();
  }

  @Test
  void absentFolderHasNoBytes(@TempDir Path folder) {
    assertThat(FolderSize.of(folder.resolve("absent"))).isZero();
  }
}
