import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.pitest.bytecode.analysis.ClassTree;
import org.pitest.mutationtest.build.InterceptorParameters;
import org.pitest.mutationtest.build.InterceptorType;
import org.pitest.mutationtest.build.MutationInterceptor;
import org.pitest.mutationtest.build.MutationInterceptorFactory;
import org.pitest.mutationtest.commandline.OptionsParser;
import org.pitest.mutationtest.commandline.ParseResult;
import org.pitest.mutationtest.commandline.PluginFilter;
import org.pitest.mutationtest.config.PluginServices;
import org.pitest.mutationtest.config.ServicesFromClassLoader;
import org.pitest.mutationtest.engine.Mutater;
import org.pitest.mutationtest.engine.MutationDetails;
import org.pitest.mutationtest.engine.MutationIdentifier;
import org.pitest.mutationtest.tooling.EntryPoint;
import org.pitest.plugin.Feature;

/**
 * Plants faults that are drawn at random in packages, and counts those that no test notices. PIT
 * plants them and runs the tests; it has no draw of its own. The profile "mutants" runs this with
 *
 * <pre>SEED MUTANTS_PER_PACKAGE MUTANTS_PER_CLASS PACKAGE,… FOLDER [option of PIT]…</pre>
 */
final class Mutants {
  private static final String ROOT = "io.trainyard.";

  void main(String[] arguments) throws Exception {
    long seed = Long.parseLong(arguments[0]);
    int perPackage = Integer.parseInt(arguments[1]);
    int perClass = Integer.parseInt(arguments[2]);
    List<String> packages = List.of(arguments[3].split(","));
    Path folder = Path.of(arguments[4]);
    List<String> options = new ArrayList<>(List.of(arguments).subList(5, arguments.length));
    options.add(
        "--targetClasses="
            + packages.stream().map(name -> ROOT + name + ".*").collect(Collectors.joining(",")));
    options.add("--reportDir=" + folder);
    options.add("--outputFormats=CSV,XML");

    Set<MutationIdentifier> all = new TreeSet<>();
    List<String> dry = new ArrayList<>(options);
    dry.add("--dryRun=true");
    run(new Filter(all::add), dry);
    Set<MutationIdentifier> drawn = new TreeSet<>();
    for (String name : packages) {
      drawn.addAll(
          draw(
              all.stream().filter(mutant -> name.equals(packageOf(className(mutant)))).toList(),
              perPackage,
              perClass,
              seed));
    }
    Files.write(folder.resolve("drawn.txt"), drawn.stream().map(Object::toString).toList());
    System.out.printf(
        Locale.ROOT, "Seed %d: drew %d of %d mutants%n", seed, drawn.size(), all.size());
    run(new Filter(drawn::contains), options);
    report(Files.readAllLines(folder.resolve("mutations.csv")));
  }

  /**
   * Draws mutants, then those that share a class with one: the tests of a class are started once
   * for all of its mutants. A class is the likelier to be drawn the more mutants it has.
   */
  private static List<MutationIdentifier> draw(
      List<MutationIdentifier> all, int count, int perClass, long seed) {
    List<MutationIdentifier> left = new ArrayList<>(all);
    Collections.shuffle(left, new Random(seed));
    List<MutationIdentifier> drawn = new ArrayList<>();
    while (!left.isEmpty() && drawn.size() < count) {
      String first = className(left.getFirst());
      left.stream()
          .filter(mutant -> className(mutant).equals(first))
          .limit(Math.min(perClass, count - drawn.size()))
          .forEach(drawn::add);
      left.removeIf(mutant -> className(mutant).equals(first));
    }
    return drawn;
  }

  private static String className(MutationIdentifier mutant) {
    return mutant.getClassName().asJavaName();
  }

  private static String packageOf(String className) {
    return className.substring(ROOT.length(), className.indexOf('.', ROOT.length()));
  }

  private static void run(Filter filter, List<String> options) {
    PluginServices plugins =
        new PluginServices(new ServicesFromClassLoader(Mutants.class.getClassLoader())) {
          @Override
          public Collection<MutationInterceptorFactory> findInterceptors() {
            List<MutationInterceptorFactory> interceptors =
                new ArrayList<>(super.findInterceptors());
            interceptors.add(filter);
            return interceptors;
          }
        };
    ParseResult parsed =
        new OptionsParser(new PluginFilter(plugins)).parse(options.toArray(String[]::new));
    if (!parsed.isOk()) {
      throw new IllegalArgumentException(
          parsed.getErrorMessage().orElse("PIT refuses the options"));
    }
    new EntryPoint()
        .execute(Path.of("").toAbsolutePath().toFile(), parsed.getOptions(), plugins, Map.of())
        .getError()
        .ifPresent(
            error -> {
              throw new IllegalStateException(error);
            });
  }

  /** Prints those that live, and how many of each package ended how. */
  private static void report(List<String> mutants) {
    Map<String, Map<String, Integer>> counts = new TreeMap<>();
    for (String mutant : mutants) {
      // File, class, mutator, method, line, status, test.
      String[] cells = mutant.split(",");
      counts
          .computeIfAbsent(packageOf(cells[1]), _ -> new TreeMap<>())
          .merge(cells[5], 1, Integer::sum);
      if (cells[5].equals("SURVIVED") || cells[5].equals("NO_COVERAGE")) {
        System.out.printf(
            "%s: %s:%s %s %s%n",
            cells[5], cells[1], cells[4], cells[3], cells[2].replaceFirst(".*\\.", ""));
      }
    }
    counts.forEach((name, ends) -> System.out.println(name + " " + ends));
  }

  /** Keeps the mutants for which the condition holds. */
  private record Filter(Predicate<MutationIdentifier> condition)
      implements MutationInterceptorFactory, MutationInterceptor {
    @Override
    public MutationInterceptor createInterceptor(InterceptorParameters parameters) {
      return this;
    }

    @Override
    public InterceptorType type() {
      return InterceptorType.FILTER;
    }

    @Override
    public Collection<MutationDetails> intercept(
        Collection<MutationDetails> mutants, Mutater mutater) {
      return mutants.stream().filter(mutant -> condition.test(mutant.getId())).toList();
    }

    @Override
    public Feature provides() {
      return Feature.named("drawn")
          .withOnByDefault(true)
          .withDescription(description())
          .withOrder(1000);
    }

    @Override
    public String description() {
      return "Keeps the mutants that are drawn";
    }

    @Override
    public void begin(ClassTree tree) {}

    @Override
    public void end() {}
  }
}
