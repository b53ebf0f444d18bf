package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first start on a machine, where nothing is cached. */
class FirstStartIT {
  @TempDir private Path data;

  @Test
  void worksWhereTheHomeFolderCannotBeWrittenAndEndsOnSigterm() throws Exception {
    // /proc refuses new files even to root.
    try (ServiceProcess service = ServiceProcess.start(data, "-Duser.home=/proc")) {
      service.http().get("/actuator/health").expect(200);
      assertThat(Files.isDirectory(data.resolve("natives"))).isTrue();
      assertThat(service.terminate()).isLessThan(Duration.ofSeconds(20));
      assertThat(service.log()).doesNotContain("Exception").doesNotContain("WARNING:");
    }
  }
}
