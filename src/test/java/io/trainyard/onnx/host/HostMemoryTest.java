package io.trainyard.onnx.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trainyard.model.LoadedNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The memory that this process shares with hosts; services of other tests keep some of theirs. */
@Timeout(120)
@Tag("service")
@Isolated
class HostMemoryTest {
  @TempDir private Path folder;

  @Test
  void memoryOfAHostThatEndedIsFree() throws Exception {
    Clock clock = Clock.systemUTC();
    HostFiles files = new HostFiles(folder);
    HostFiles.Stored stored = files.store(files.divides(1));
    Set<String> others = shared();
    try (Hosts hosts =
        new Hosts(
            HostFiles.site(folder), clock, new CrashingCallers(clock), Duration.ofMinutes(1))) {
      for (int i = 0; i < 2; i++) {
        LoadedNetwork network = stored.load(hosts);
        assertThat(HostFiles.answer(network, 1, 1)).containsExactly(5, 5);
        assertThat(others.containsAll(shared())).isFalse();
        assertThat(HostFiles.isLost(network, -1, 1)).isTrue();
        await().until(() -> others.containsAll(shared()));
      }
    }
  }

  /** Where it lies in the memory of this process, and in which file. */
  private static Set<String> shared() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains("/trainyard-") || line.contains("/tensors-"))
          .collect(Collectors.toSet());
    }
  }
}
