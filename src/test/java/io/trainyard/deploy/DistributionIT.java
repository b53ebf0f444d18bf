package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.deploy.Distribution.Ended;
import io.trainyard.deploy.Distribution.Mapped;
import io.trainyard.process.MemoryLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** The packaged distribution, with a cache of its shortest command: the others take minutes. */
class DistributionIT {
  @TempDir private Path folder;

  @Test
  void commandsStartWithACacheInLittleMemoryAndWithoutOneWhereItIsForeign() throws Exception {
    Path home = copy();
    Process recording =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseG1GC",
                "-XX:AOTCacheOutput=" + home.resolve("lib/command.aot"),
                "-jar",
                home.resolve("lib/trainyard.jar").toString(),
                "--version")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("recording.log").toFile())
            .start();
    assertThat(recording.waitFor()).isZero();
    for (long megabytes : List.of(256, 0)) {
      for (String collector : List.of("-XX:+UseSerialGC", "-XX:+UseG1GC")) {
        try (MemoryLimit limit =
            megabytes == 0 ? MemoryLimit.none() : MemoryLimit.of(megabytes << 20)) {
          Distribution one = distribution(home, limit, collector);
          Ended version = one.run("--version");
          assertThat(version.code()).as(version.output()).isZero();
          assertThat(version.output()).startsWith("trainyard ").doesNotContain("aot");
          assertThat(one.mapped()).isEqualTo(new Mapped(1, 1));
        }
      }
    }
    Distribution plain = distribution(home, MemoryLimit.none(), "-Dx=y");
    Ended refused = plain.run("models", "--url", "http://127.0.0.1:9");
    assertThat(refused.code()).as(refused.output()).isEqualTo(4);
    assertThat(plain.run("health", "1").code()).isEqualTo(1);
    Files.write(home.resolve("lib/command.aot"), new byte[] {1, 2, 3});
    Ended foreign = plain.run("--version");
    assertThat(foreign.code()).as(foreign.output()).isZero();
    assertThat(foreign.output()).startsWith("trainyard ").doesNotContain("aot");
  }

  @Test
  void clientForPythonLiesBesideTheProgram() throws Exception {
    try (Stream<Path> files = Files.list(Distribution.PACKAGED.resolve("python"))) {
      assertThat(files)
          .singleElement()
          .asString()
          .matches(".*/trainyard-[0-9.]+(dev0)?-py3-none-any\\.whl");
    }
  }

  private Distribution distribution(Path home, MemoryLimit limit, String option)
      throws IOException {
    return new Distribution(
        home, limit, List.of(option), Files.createTempDirectory(folder, "notes"));
  }

  /** With links to the libraries, on the same disk: the caches lie beside them. */
  private static Path copy() throws IOException {
    Path home = Path.of("target", "distribution-sample").toAbsolutePath();
    FileSystemUtils.deleteRecursively(home);
    for (String part : List.of("bin", "lib")) {
      Files.createDirectories(home.resolve(part));
      try (Stream<Path> files = Files.list(Distribution.PACKAGED.resolve(part))) {
        for (Path file : files.filter(each -> !each.toString().endsWith(".aot")).toList()) {
          if (part.equals("bin")) {
            Files.copy(file, home.resolve(part).resolve(file.getFileName()));
          } else {
            Files.createLink(home.resolve(part).resolve(file.getFileName()), file);
          }
        }
      }
    }
    return home;
  }
}
