package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Clients that openapi-generator makes from the running service's document compile as they are, and
 * do the main job. Profile {@code clients} fetches the generator and runs it; the client of
 * TypeScript is skipped where there is no Node, or npm cannot install the compiler.
 */
@ServiceTest
@Tag("clients")
@Timeout(900)
class GeneratedClientsTest {
  private static final String TYPESCRIPT = "typescript@5.9.3";

  /** The generator, and the libraries that its clients need. */
  private static final Path LIBRARIES = Path.of("target", "clients", "lib").toAbsolutePath();

  private static final Path PROGRAMS = Path.of("src", "clients").toAbsolutePath();

  @Autowired private Http http;
  @TempDir private Path folder;

  @BeforeAll
  static void generatorIsThere() throws IOException {
    assumeTrue(
        Files.isDirectory(LIBRARIES), "profile clients was not there to fetch the generator");
    assertThat(libraries("openapi-generator-cli")).hasSize(1);
  }

  @Test
  void javaClientDoesTheMainJob() throws Exception {
    generate(
        "java",
        "--library=native",
        "--additional-properties=invokerPackage=io.trainyard.client,openApiNullable=false,"
            + "apiPackage=io.trainyard.client.api,modelPackage=io.trainyard.client.model,"
            + "useJakartaEe=true");
    String classPath = String.join(File.pathSeparator, libraries(""));
    Path classes = Files.createDirectory(folder.resolve("classes"));
    List<String> arguments = new ArrayList<>(List.of("-proc:none", "-nowarn"));
    arguments.addAll(List.of("-cp", classPath, "-d", classes.toString()));
    arguments.add(PROGRAMS.resolve("java/FirstModel.java").toString());
    try (Stream<Path> sources = Files.walk(folder.resolve("client/src/main/java"))) {
      sources.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
    }
    Path listed = Files.write(folder.resolve("arguments"), arguments);
    run(tool("javac"), "-J-Xmx1g", "@" + listed);
    checkPrinted(
        run(
            tool("java"),
            "-cp",
            classes + File.pathSeparator + classPath,
            "FirstModel",
            http.base()));
  }

  @Test
  void typeScriptClientDoesTheMainJob() throws Exception {
    assumeTrue(succeeds("node", "--version"), "there is no node");
    Path node = Files.createDirectories(Path.of("target", "clients", "node").toAbsolutePath());
    assumeTrue(
        succeeds(
            "npm",
            "install",
            "--prefix=" + node,
            "--no-package-lock",
            "--no-save",
            "--no-audit",
            TYPESCRIPT),
        "npm cannot install " + TYPESCRIPT);
    generate("typescript-fetch");
    for (String file : List.of("first-model.ts", "tsconfig.json")) {
      Files.copy(
          PROGRAMS.resolve("typescript").resolve(file),
          folder.resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    run("node", node.resolve("node_modules/typescript/bin/tsc").toString(), "-p", ".");
    checkPrinted(run("node", "js/first-model.js", http.base()));
  }

  private static void checkPrinted(String printed) {
    assertThat(printed.lines())
        .containsExactly(
            "uploaded 200 rows",
            "valid: true, 42 parameters",
            "followed 40 epochs",
            "succeeded: version 1",
            "predicted above",
            "problem 404 job_not_found");
  }

  /** Makes the client in {@code client}, from what the service says about itself. */
  private void generate(String generator, String... options) throws Exception {
    Files.write(folder.resolve("openapi.json"), http.get("/v3/api-docs").expect(200).bytes());
    List<String> command = new ArrayList<>(List.of(tool("java"), "-Xmx1g", "-jar"));
    command.addAll(libraries("openapi-generator-cli"));
    command.addAll(List.of("generate", "-i", "openapi.json", "-o", "client", "-g", generator));
    command.addAll(List.of(options));
    run(command.toArray(String[]::new));
  }

  /** The generator's jar, or all others: it has other versions of their classes. */
  private static List<String> libraries(String name) throws IOException {
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      return files
          .filter(
              file ->
                  file.getFileName().toString().startsWith("openapi-generator-cli")
                      != name.isEmpty())
          .map(Path::toString)
          .sorted()
          .toList();
    }
  }

  private static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  private boolean succeeds(String... command) throws Exception {
    try {
      return start(command) == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  /** What a command prints, which must succeed. */
  private String run(String... command) throws Exception {
    int status = start(command);
    String printed = Files.readString(folder.resolve("output"), StandardCharsets.UTF_8);
    assertThat(status).as(String.join(" ", command) + "\n" + printed).isZero();
    return printed;
  }

  private int start(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as(command[0] + " ends").isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
