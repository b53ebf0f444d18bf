package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Cases;
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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Clients that openapi-generator makes from the running service's document compile as they are, and
 * do the main job. Profile {@code clients} fetches two releases of the generator and runs one of
 * them, drawn at random; the client of a language is skipped where its compiler or a library of the
 * client is not there.
 */
@ServiceTest
@Tag("clients")
@Timeout(600)
class GeneratedClientsTest {
  private static final String GENERATOR = "openapi-generator-cli";
  private static final String TYPESCRIPT = "typescript@5.9.3";

  /** Debian's, for which it has packages of the libraries. */
  private static final String PYTHON = "/usr/bin/python3";

  /** Where Debian's packages put the sources of libraries. */
  private static final Path GO_LIBRARIES = Path.of("/usr/share/gocode");

  /** The generators, and the libraries that their clients need. */
  private static final Path LIBRARIES = Path.of("target", "clients", "lib").toAbsolutePath();

  private static final Path PROGRAMS = Path.of("src", "clients").toAbsolutePath();

  @Autowired private Http http;
  @TempDir private Path folder;

  @BeforeAll
  static void generatorIsThere() throws IOException {
    assumeTrue(
        Files.isDirectory(LIBRARIES), "profile clients was not there to fetch the generator");
    assertThat(libraries(GENERATOR)).hasSize(2);
  }

  /** One of the releases, for each language. */
  private static List<String> generators() throws IOException {
    return Cases.drawn(
        libraries(GENERATOR).stream().map(jar -> Path.of(jar).getFileName().toString()).toList(),
        2);
  }

  @ParameterizedTest
  @MethodSource("generators")
  void javaClientDoesTheMainJob(String generator) throws Exception {
    generate(
        generator,
        "java",
        "client",
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

  @ParameterizedTest
  @MethodSource("generators")
  void typeScriptClientDoesTheMainJob(String generator) throws Exception {
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
    generate(generator, "typescript-fetch", "client");
    for (String file : List.of("first-model.ts", "tsconfig.json")) {
      Files.copy(
          PROGRAMS.resolve("typescript").resolve(file),
          folder.resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    run("node", node.resolve("node_modules/typescript/bin/tsc").toString(), "-p", ".");
    checkPrinted(run("node", "js/first-model.js", http.base()));
  }

  @ParameterizedTest
  @MethodSource("generators")
  void pythonClientDoesTheMainJob(String generator) throws Exception {
    assumeTrue(
        succeeds(PYTHON, "-c", "import pydantic, urllib3, dateutil"),
        "there is no Python, or it lacks pydantic, urllib3 or dateutil");
    generate(generator, "python", "client", "--package-name=trainyard_client");
    checkPrinted(
        run(
            Map.of("PYTHONPATH", "client"),
            PYTHON,
            PROGRAMS.resolve("generated-python/first_model.py").toString(),
            http.base()));
  }

  /** Without modules: their proxy need not be there, and the one library comes from Debian. */
  @ParameterizedTest
  @MethodSource("generators")
  void goClientDoesTheMainJob(String generator) throws Exception {
    assumeTrue(succeeds("go", "version"), "there is no go");
    assumeTrue(
        Files.isDirectory(GO_LIBRARIES.resolve("src/gopkg.in/validator.v2")),
        "Debian's golang-gopkg-validator.v2-dev is not there");
    generate(generator, "go", "src/trainyard", "--package-name=trainyard");
    Map<String, String> variables =
        Map.of(
            "GO111MODULE",
            "off",
            "GOPATH",
            folder + File.pathSeparator + GO_LIBRARIES,
            "GOCACHE",
            Path.of("target", "clients", "go").toAbsolutePath().toString(),
            "GOFLAGS",
            "");
    String program = PROGRAMS.resolve("go/first_model.go").toString();
    run(variables, "go", "build", "-o", "first_model", program);
    checkPrinted(run(folder.resolve("first_model").toString(), http.base()));
  }

  private static void checkPrinted(String printed) {
    assertThat(printed.lines())
        .containsExactly(
            "uploaded 200 rows",
            "valid: true, 42 parameters",
            "followed 40 epochs",
            "succeeded: version 1",
            "confusion of above, below",
            "predicted above",
            "problem 404 job_not_found");
  }

  /** Makes a client from what the service says about itself. */
  private void generate(String generator, String language, String client, String... options)
      throws Exception {
    Files.write(folder.resolve("openapi.json"), http.get("/v3/api-docs").expect(200).bytes());
    List<String> command = new ArrayList<>(List.of(tool("java"), "-Xmx1g", "-jar"));
    command.add(LIBRARIES.resolve(generator).toString());
    command.addAll(List.of("generate", "-i", "openapi.json", "-o", client, "-g", language));
    command.addAll(List.of(options));
    run(command.toArray(String[]::new));
  }

  /** The generators' jars, or all others: they have other versions of their classes. */
  private static List<String> libraries(String name) throws IOException {
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(GENERATOR) != name.isEmpty())
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
      return start(Map.of(), command) == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  /** What a command prints, which must succeed. */
  private String run(String... command) throws Exception {
    return run(Map.of(), command);
  }

  private String run(Map<String, String> variables, String... command) throws Exception {
    int status = start(variables, command);
    String printed = Files.readString(folder.resolve("output"), StandardCharsets.UTF_8);
    assertThat(status).as(String.join(" ", command) + "\n" + printed).isZero();
    return printed;
  }

  private int start(Map<String, String> variables, String... command) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile());
    builder.environment().putAll(variables);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as(command[0] + " ends").isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
