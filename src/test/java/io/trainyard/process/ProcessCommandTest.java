package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class ProcessCommandTest {
  @TempDir private Path folder;

  private static List<String> line(String classPath, String... options) {
    return new ProcessCommand(
            "java", List.of(options), classPath, "io.trainyard.Main", List.of("--server.port=1"))
        .line(
            Path.of("crash.log"),
            DataSize.ofMegabytes(100),
            List.of("-Xss2m"),
            List.of("--server.port=1", "--trainyard.supervisor=socket"));
  }

  @Test
  void optionsOfTheProgramAreKeptAndThoseOfTheProcessAreNot() {
    List<String> line =
        line(
            "classes",
            "-Dkey=value",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx8g",
            "-Xms1g",
            "-XX:MaxRAMPercentage=50",
            "-agentlib:jdwp=transport=dt_socket,address=5005",
            "-javaagent:cover.jar",
            "-XX:StartFlightRecording=filename=a.jfr",
            "-Dcom.sun.management.jmxremote.port=9010");

    assertThat(line)
        .containsSubsequence(
            "java",
            "-Dkey=value",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xmx104857600",
            "-XX:ErrorFile=crash.log",
            "-Xss2m",
            "-cp",
            "classes",
            "io.trainyard.Main",
            "--server.port=1",
            "--trainyard.supervisor=socket");
    assertThat(String.join(" ", line))
        .doesNotContain("8g", "1g", "RAM", "jdwp", "cover", "Flight", "9010");
  }

  @Test
  void aCollectorThatWasChosenStays() {
    assertThat(line("classes", "-XX:+UseZGC"))
        .contains("-XX:+UseZGC")
        .doesNotContain("-XX:+UseSerialGC");
  }

  @Test
  void onlyTheExecutableJarStartsByItself() throws IOException {
    String executable = jar("app.jar", new Attributes.Name("Start-Class"), "io.trainyard.Main");
    String other =
        jar(
            "tests.jar",
            Attributes.Name.MAIN_CLASS,
            "org.apache.maven.surefire.booter.ForkedBooter");

    assertThat(line(executable)).containsSubsequence("-jar", executable).doesNotContain("-cp");
    assertThat(line(other)).containsSubsequence("-cp", other, "io.trainyard.Main");
    assertThat(line(executable + ":" + other)).contains("-cp");
  }

  private String jar(String name, Attributes.Name attribute, String main) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(attribute, main);
    Path jar = folder.resolve(name);
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    return jar.toString();
  }
}
