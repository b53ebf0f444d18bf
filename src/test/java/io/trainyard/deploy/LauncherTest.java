package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher of the distribution, with a Java that only tells what it is asked for. */
@Tag("service")
class LauncherTest {
  /**
   * Prints its process id and a line for each argument. It takes a cache that must be used if
   * CACHE_FITS is set, or if CACHE_FITS_256M is and the heap has 256 MB; it ends with the code of
   * CODE, or after SIGTERM with 43.
   */
  private static final String JAVA =
      """
      #!/bin/sh
      case " $* " in
        *' -Xmx256m '*'-XX:AOTMode=on '*) [ -n "$CACHE_FITS_256M" ]; exit ;;
        *' -XX:AOTMode=on '*) [ -n "$CACHE_FITS" ]; exit ;;
      esac
      echo $$
      echo "options: ${TRAINYARD_JAVA_OPTS-none}"
      for argument in "$@"; do echo "[$argument]"; done
      if [ -n "$WAIT" ]; then trap 'exit 43' TERM; echo waits; while :; do sleep 0.01; done; fi
      exit ${CODE:-0}
      """;

  @TempDir private Path folder;

  private Path home;
  private Path jdk;

  @BeforeEach
  void install() throws IOException {
    home = Files.createDirectories(folder.resolve("with space/trainyard"));
    Files.createDirectories(home.resolve("lib"));
    Files.createDirectories(home.resolve("bin"));
    Files.copy(Path.of("src/distribution/bin/trainyard"), home.resolve("bin/trainyard"));
    executable(home.resolve("bin/trainyard"));
    jdk = java("25.0.3");
  }

  private Path java(String version) throws IOException {
    Path root = folder.resolve("jdk " + version);
    Files.createDirectories(root.resolve("bin"));
    executable(Files.writeString(root.resolve("bin/java"), JAVA));
    Files.writeString(
        root.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    return root;
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private record Ended(int code, List<String> out, String error) {
    /** What the JVM was given. */
    List<String> arguments() {
      return out.stream()
          .filter(line -> line.startsWith("["))
          .map(line -> line.substring(1, line.length() - 1))
          .toList();
    }
  }

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(home.resolve("bin/trainyard").toString()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private Ended run(Map<String, String> environment, String... arguments) throws Exception {
    Process process = start(environment, arguments);
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), out.lines().toList(), error);
  }

  private Path cache(String name) throws IOException {
    return Files.writeString(home.resolve("lib").resolve(name), "");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 77, 137, 255})
  void exitCodeIsThatOfTheJvm(int code) throws Exception {
    assertThat(run(Map.of("CODE", "" + code), "jobs").code()).isEqualTo(code);
  }

  @Test
  void jvmTakesThePlaceOfTheShellAndGetsItsSignals() throws Exception {
    Process process = start(Map.of("WAIT", "1"), "serve");
    var lines = process.inputReader();
    assertThat(lines.readLine()).isEqualTo("" + process.pid());
    String line = lines.readLine();
    while (!line.equals("waits")) {
      line = lines.readLine();
    }

    process.destroy();

    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(43);
  }

  @Test
  void argumentsArriveAsTheyAre() throws Exception {
    String[] arguments = {"predict", "a model", "", "c='*' \"$HOME\" \\", "--", "-XX:+UseG1GC"};

    assertThat(run(Map.of(), arguments).arguments()).endsWith(arguments);
  }

  @ParameterizedTest
  @CsvSource({
    "serve, service.aot, false",
    "--server.port=1, service.aot, false",
    "worker, service.aot, false",
    "migrate, service.aot, false",
    "unpack, service.aot, false",
    "--help, command.aot, true",
    "models, command.aot, true",
    "health, command.aot, true"
  })
  void eachCommandHasItsCache(String command, String cache, boolean quick) throws Exception {
    cache("service.aot");
    cache("command.aot");

    List<String> arguments = run(Map.of(), command).arguments();

    assertThat(arguments).contains("-XX:AOTCache=" + home.toRealPath().resolve("lib/" + cache));
    assertThat(arguments.contains("-XX:+UseSerialGC")).isEqualTo(quick);
    assertThat(arguments.contains("-XX:TieredStopAtLevel=1")).isEqualTo(quick);
  }

  @Test
  void nothingIsSaidWithoutACache() throws Exception {
    Ended ended = run(Map.of(), "serve", "--server.port=1");

    assertThat(ended.error()).isEmpty();
    assertThat(ended.arguments())
        .containsExactly(
            "-XX:InlineSmallCode=500",
            "-jar",
            home.toRealPath().resolve("lib/trainyard.jar").toString(),
            "serve",
            "--server.port=1");
  }

  @Test
  void optionsOfTheJvmWinAndACollectorReplacesTheOwn() throws Exception {
    Ended ended =
        run(
            Map.of("TRAINYARD_JAVA_OPTS", "-Dx=* -XX:+UseG1GC  -XX:InitialRAMPercentage=5"),
            "jobs");

    // The service would call it an unknown setting.
    assertThat(ended.out()).contains("options: none");
    assertThat(ended.arguments())
        .startsWith(
            "-XX:TieredStopAtLevel=1",
            "-Dx=*",
            "-XX:+UseG1GC",
            "-XX:InitialRAMPercentage=5",
            "-jar");
    assertThat(run(Map.of("JDK_JAVA_OPTIONS", "-XX:+UseZGC"), "jobs").arguments())
        .doesNotContain("-XX:+UseSerialGC");
  }

  @ParameterizedTest
  @ValueSource(strings = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"})
  void initialHeapOfTheEnvironmentWins(String variable) throws Exception {
    cache("service.aot");

    assertThat(run(Map.of(), "serve").arguments()).contains("-XX:InitialRAMPercentage=10");
    for (String option : List.of("-XX:InitialRAMPercentage=1", "-Xms64m")) {
      assertThat(run(Map.of(variable, option, "CACHE_FITS", "1"), "serve").arguments())
          .isNotEmpty()
          .noneMatch(argument -> argument.contains("InitialRAMPercentage"));
    }
  }

  @Test
  void javaHomeMayBeRelative() throws Exception {
    Path around = Path.of("").toAbsolutePath();

    Ended ended = run(Map.of("JAVA_HOME", around.relativize(jdk).toString()), "serve");

    assertThat(ended.code()).isZero();
    assertThat(ended.arguments()).contains("serve");
  }

  @Test
  void healthCheckTakesNoOptionsOfTheService() throws Exception {
    Ended ended =
        run(Map.of("TRAINYARD_JAVA_OPTS", "-Xms8g", "JDK_JAVA_OPTIONS", "-Xms8g"), "health", "81");

    assertThat(ended.arguments())
        .doesNotContain("-Xms8g")
        .containsSubsequence("-Xmx32m", "io.trainyard.start.HealthCheck", "81");
  }

  /** Its objects need room in the heap; without it a JVM ends. */
  @Test
  void cacheThatDoesNotFitAChosenHeapIsLeftOutWithOneLine() throws Exception {
    Path cache = cache("service.aot");
    Map<String, String> small = Map.of("TRAINYARD_JAVA_OPTS", "-Xms8m -XX:+UseSerialGC");

    Ended refused = run(small, "serve");
    assertThat(refused.code()).isZero();
    assertThat(String.join("\n", refused.arguments())).doesNotContain("AOT");
    String said = "starts without " + cache.toRealPath() + ": ";
    assertThat(refused.error()).containsOnlyOnce("\n").contains(said + "another Java");

    Ended noRoom =
        run(
            Map.of("TRAINYARD_JAVA_OPTS", "-Xms8m -XX:+UseSerialGC", "CACHE_FITS_256M", "1"),
            "serve");
    assertThat(String.join("\n", noRoom.arguments())).doesNotContain("AOT");
    assertThat(noRoom.error()).containsOnlyOnce("\n").contains(said + "these options");

    Ended taken =
        run(Map.of("TRAINYARD_JAVA_OPTS", "-Xms8m -XX:+UseSerialGC", "CACHE_FITS", "1"), "serve");
    assertThat(taken.error()).isEmpty();
    assertThat(taken.arguments()).contains("-XX:AOTCache=" + cache.toRealPath());
  }

  @Test
  void missingOrOlderJavaIsNamed() throws Exception {
    Ended missing = run(Map.of("JAVA_HOME", "/nowhere"), "serve");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.error()).contains("JAVA_HOME").contains("/nowhere");

    Ended none = run(Map.of("JAVA_HOME", "", "PATH", folder.toString()), "serve");
    assertThat(none.code()).isNotZero();

    for (String version : List.of("17.0.21", "1.8.0_402")) {
      Ended older = run(Map.of("JAVA_HOME", java(version).toString()), "serve");
      assertThat(older.code()).isEqualTo(2);
      assertThat(older.error()).contains("Java 25 or newer is needed").contains(version);
    }
  }

  @Test
  void javaOfThePathIsFoundWithoutJavaHome() throws Exception {
    Ended ended =
        run(Map.of("JAVA_HOME", "", "PATH", jdk.resolve("bin") + ":/usr/bin:/bin"), "serve");

    assertThat(ended.code()).isZero();
    assertThat(ended.arguments()).contains("serve");
  }

  @Test
  void linkToTheLauncherFindsItsLibraries() throws Exception {
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, home.resolve("bin/trainyard"));
    ProcessBuilder builder = new ProcessBuilder(link.toString(), "serve");
    builder.environment().put("JAVA_HOME", jdk.toString());
    Process process = builder.start();

    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains(home.toRealPath().resolve("lib/trainyard.jar").toString());
    assertThat(process.waitFor()).isZero();
  }
}
