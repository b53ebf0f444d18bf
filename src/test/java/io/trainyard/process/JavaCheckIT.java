package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The packaged jar, as an older Java and a person at the command line meet it. */
class JavaCheckIT {
  private static final int JAVA_8 = 52;

  private final File jar = new File(System.getProperty("trainyard.jar"));

  @Test
  void olderJavaCanLoadTheFirstClass() throws IOException {
    try (JarFile file = new JarFile(jar)) {
      String first = file.getManifest().getMainAttributes().getValue(Attributes.Name.MAIN_CLASS);
      try (InputStream code =
          file.getInputStream(file.getEntry(first.replace('.', '/') + ".class"))) {
        assertThat((int) code.readNBytes(8)[7]).as(first).isEqualTo(JAVA_8);
      }
    }
  }

  @Test
  void commandLineRunsFromTheJar() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                jar.toString(),
                "models",
                "--url",
                "http://127.0.0.1:9")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(output)
        .isEqualTo(
            "No service answers at http://127.0.0.1:9. Is it running, and is --url right?\n");
    assertThat(process.exitValue()).isEqualTo(4);
  }
}
