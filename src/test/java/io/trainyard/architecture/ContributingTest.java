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

/**
 * The guide of contributors names every place that a new layer, activation, optimizer or metric
 * needs. All are added to one copy of the sources that know their kinds, by the steps of the guide.
 */
class ContributingTest {
  private static final Path SOURCES = Path.of("src/main/java/io/trainyard");

  private static final Pattern SWITCHES = Pattern.compile("(?s)The\\s+compiler\\s(.*?)\\n3\\.");
  private static final Pattern CLASS = Pattern.compile("`([A-Z]\\w+)`");
  private static final int LINES = 10;

  /** What is known by a name of its own: its file, and how others read it. */
  private static final Pattern USERS =
      Pattern.compile(
          "ActivationSpec|\\.function\\(\\)|\\bMetric\\b|\\.metric\\(\\)|SignDescent|NormSpec");

  /**
   * A thing that is added.
   *
   * @param owner the class that it is added to
   * @param before what it is put before there, as an expression
   * @param thing its source
   * @param last a case of every switch over its kind, before which its own is put
   * @param cases its case in each switch, by class
   */
  private record Toy(
      String owner, String before, String thing, String last, Map<String, String> cases) {}

  private static final Map<String, Toy> TOYS =
      Map.of(
          "layer",
          new Toy(
              "NormSpec",
              "  /\\*\\* Its types by their names",
              """
                record Toy(double epsilon) implements NormSpec {
                  static LayerSpec read(JsonObject layer) {
                    return new Toy(readEpsilon(layer));
                  }

                  @Override
                  public LayerShape infer(LayerInputs inputs) {
                    return inputs.unchanged();
                  }

                  static Described described() {
                    return Described.as("toy", "Nothing.").formula("y = x").input(4);
                  }
                }

              """,
              "case NormSpec\\.LayerNorm ",
              Map.of(
                  "NormModules", "case NormSpec.Toy _ -> (inputs, _) -> inputs[0];",
                  "NormNodes", "case NormSpec.Toy _ -> x;")),
          "activation",
          new Toy(
              "ActivationSpec",
              "EXPONENTIAL\\(0",
              "TOY(0, 1), ",
              "case EXPONENTIAL ->",
              Map.of(
                  "ActivationSpec", "case TOY, ",
                  "Activations", "case TOY, ",
                  "ActivationNodes", "case TOY, ")),
          "optimizer",
          new Toy(
              "SignDescent",
              "  /\\*\\* What callers are told of its optimizers",
              """
                record Toy(double learningRate) implements SignDescent {
                  static @Nullable Toy read(JsonObject toy) {
                    double learningRate = toy.number("learning_rate", 0.01);
                    return toy.build(() -> new Toy(learningRate));
                  }

                  @Override
                  public int stateTensors() {
                    return 0;
                  }

                  static Described described() {
                    return Described.as("toy", "A step of fixed size.").formula("w ← w − lr·sign(g)");
                  }
                }

              """,
              "case SignDescent\\.Lion ",
              Map.of(
                  "SignRules",
                  "case SignDescent.Toy _ -> (rate, _) ->"
                      + " slice.weights().add_(slice.gradient().sign(), new Scalar(-rate));")),
          "metric",
          new Toy(
              "Metric",
              "CONCORDANCE\\(Compares",
              "TOY(Compares.NUMBERS, Mode.MIN), ",
              "case CONCORDANCE ->",
              Map.of("Metric", "case TOY, ", "TargetMetrics", "case TOY, ")));

  @TempDir private Path copies;

  @Test
  void compilerNamesThePlacesOfTheGuide() throws IOException {
    Map<String, Path> users = copyUsers();
    Set<String> places = new TreeSet<>();
    for (Map.Entry<String, Toy> kind : TOYS.entrySet()) {
      Toy toy = kind.getValue();
      assertThat(named(kind.getKey())).as(kind.getKey()).isEqualTo(toy.cases().keySet());
      places.addAll(toy.cases().keySet());
      change(users.get(toy.owner()), "(?=" + toy.before() + ")", toy.thing());
    }
    change(
        users.get("NormSpec"),
        "(?=    types.add\\(\"batch_norm\")",
        "    types.add(\"toy\", Toy::read);\n");
    change(users.get("NormSpec"), "BatchNorm.described\\(\\)", "$0, Toy.described()");
    change(users.get("SignDescent"), "Rprop.described\\(\\)", "$0, Toy.described()");
    change(users.get("OptimizerSpec"), "SGD\\(", "TOY(SignDescent.Toy::read), SGD(");

    assertThat(incomplete(users)).isEqualTo(places);

    for (Toy toy : TOYS.values()) {
      for (Map.Entry<String, String> place : toy.cases().entrySet()) {
        String own = place.getValue();
        boolean shared = own.endsWith(", ");
        String to = shared ? own + toy.last().substring("case ".length()) : own + " " + "$0";
        change(users.get(place.getKey()), toy.last(), to);
      }
    }
    assertThat(incomplete(users)).isEmpty();
  }

  /** The classes that the guide says the compiler names; its steps are few lines. */
  private static Set<String> named(String kind) throws IOException {
    String guide = Files.readString(Path.of("src/docs/contributing.md"));
    String steps = guide.split("## Add an? " + kind, 2)[1].split("\n## ", 2)[0].strip();
    assertThat(steps.lines().count()).as(kind).isLessThanOrEqualTo(LINES);
    Matcher listed = SWITCHES.matcher(steps);
    assertThat(listed.find()).as(kind).isTrue();
    return CLASS
        .matcher(listed.group(1))
        .results()
        .map(m -> m.group(1))
        .collect(Collectors.toSet());
  }

  /** Copies of the sources that know one of the kinds, by class. */
  private Map<String, Path> copyUsers() throws IOException {
    List<Path> sources;
    try (Stream<Path> all = Files.walk(SOURCES)) {
      sources = all.filter(file -> file.toString().endsWith(".java")).toList();
    }
    Map<String, Path> users = new TreeMap<>();
    for (Path source : sources) {
      String text = Files.readString(source);
      if (USERS.matcher(text).find()) {
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
    String changed = text.replaceAll(from, to);
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
