package io.trainyard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide of contributors names every place that a new activation needs. */
class ContributingTest {
  private static final Path SOURCES = Path.of("src/main/java/io/trainyard");

  /** The last constant of the enum, beside which the new one is put. */
  private static final String LAST = "EXPONENTIAL";

  private static final Pattern SWITCHES = Pattern.compile("(?s)The\\s+compiler\\s(.*?)\\n3\\.");
  private static final Pattern CLASS = Pattern.compile("`([A-Z]\\w+)`");

  @TempDir private Path copies;

  @Test
  void compilerNamesThePlacesOfTheGuide() throws IOException {
    String guide = Files.readString(Path.of("src/docs/contributing.md"));
    String steps = guide.split("## Add an activation", 2)[1].split("\n## ", 2)[0];
    Matcher listed = SWITCHES.matcher(steps);
    assertThat(listed.find()).isTrue();
    Set<String> named =
        CLASS.matcher(listed.group(1)).results().map(m -> m.group(1)).collect(Collectors.toSet());
    Map<String, Path> users = copyUsers();
    Path constants = users.get("ActivationSpec");
    change(constants, LAST + "\\(([^)]*)\\);", LAST + "($1), TOY(0, 1);");

    assertThat(incomplete(users)).isEqualTo(new TreeSet<>(named)).hasSize(3);

    for (String place : named) {
      change(users.get(place), "case " + LAST + " ->", "case TOY, " + LAST + " ->");
    }
    assertThat(incomplete(users)).isEmpty();
  }

  /** Copies of the sources that know activations, by class. */
  private Map<String, Path> copyUsers() throws IOException {
    List<Path> sources;
    try (Stream<Path> all = Files.walk(SOURCES)) {
      sources = all.filter(file -> file.toString().endsWith(".java")).toList();
    }
    Map<String, Path> users = new TreeMap<>();
    for (Path source : sources) {
      String text = Files.readString(source);
      if (text.contains("ActivationSpec") || text.contains(".function()")) {
        Path copy = copies.resolve(SOURCES.relativize(source));
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, text);
        users.put(source.getFileName().toString().replace(".java", ""), copy);
      }
    }
    return users;
  }

  private static void change(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    String changed = text.replaceFirst(from, to);
    assertThat(changed).as("%s of %s", from, file).isNotEqualTo(text);
    Files.writeString(file, changed);
  }

  /** Compiles; the classes with a switch that lacks a case. There may be no other errors. */
  private Set<String> incomplete(Map<String, Path> users) throws IOException {
    DiagnosticCollector<JavaFileObject> faults = new DiagnosticCollector<>();
    var compiler = ToolProvider.getSystemJavaCompiler();
    Path classes = Files.createDirectories(copies.resolve("classes"));
    try (var files = compiler.getStandardFileManager(faults, Locale.ROOT, null)) {
      List<String> options = new ArrayList<>(List.of("-proc:none", "-implicit:none", "-nowarn"));
      // Without it the first error hides those of other classes.
      options.add("--should-stop=ifError=FLOW");
      options.addAll(List.of("-d", classes.toString()));
      options.addAll(List.of("-cp", System.getProperty("java.class.path")));
      StringWriter output = new StringWriter();
      boolean _ =
          compiler
              .getTask(
                  output,
                  files,
                  faults,
                  options,
                  null,
                  files.getJavaFileObjectsFromPaths(users.values()))
              .call();
    }
    Set<String> incomplete = new TreeSet<>();
    for (Diagnostic<? extends JavaFileObject> fault : faults.getDiagnostics()) {
      if (fault.getKind() == Diagnostic.Kind.ERROR) {
        assertThat(fault.getCode()).as("%s", fault).startsWith("compiler.err.not.exhaustive");
        String file = Path.of(fault.getSource().toUri()).getFileName().toString();
        incomplete.add(file.replace(".java", ""));
      }
    }
    return incomplete;
  }
}
