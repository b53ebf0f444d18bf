package io.trainyard.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The rules of the layout below one root package, so that the same rules run on the product and on
 * planted violations.
 */
record Floors(String root) {

  /** Floor 0 first. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("error", "os"),
          List.of("access", "backup", "json", "idempotency", "memory", "process", "trace"),
          List.of("label", "tensor"),
          List.of("spec"),
          List.of("dataset"),
          List.of("model"),
          List.of("engine", "onnx"),
          List.of("train"),
          List.of("predict"),
          List.of("job", "inspect"),
          List.of("api", "cli", "grpc", "store"),
          List.of("start"),
          List.of("settings"));

  /** Every rule, each with a description that names what it forbids. */
  List<ArchRule> rules() {
    List<ArchRule> rules = new ArrayList<>();
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      for (String name : FLOORS.get(floor)) {
        rules.add(looksDownOnly(name, sameOrHigher(floor, name)));
      }
    }
    rules.add(onlyIn("engine", "org.bytedeco.."));
    rules.add(onlyIn("onnx", "ai.onnxruntime.."));
    rules.add(onlyIn("trace", "io.opentelemetry.."));
    rules.add(onlyIn("store.s3", "software.amazon.awssdk.."));
    rules.add(onlyIn("access.oidc", "org.springframework.security..", "com.nimbusds.."));
    rules.add(onlyIn("store", "java.sql..", "org.duckdb..", "org.springframework.jdbc.."));
    rules.add(
        onlyIn(
            "api", "org.springframework.web..", "org.springframework.http..", "jakarta.servlet.."));
    rules.add(onlyIn("grpc", "io.grpc..", "com.google.protobuf..", "org.springframework.grpc.."));
    rules.add(onlyIn("cli", "picocli.."));
    rules.add(usesOnly("cli", "error", "json"));
    rules.add(usedOnlyFrom("engine.layer", "engine"));
    rules.add(
        usedOnlyFrom("engine.weights", "engine", "engine.layer", "engine.search", "engine.update"));
    rules.add(usedOnlyFrom("engine.search", "engine", "engine.update"));
    rules.add(usedOnlyFrom("engine.update", "engine"));
    rules.add(usedOnlyFrom("engine.loss", "engine"));
    rules.add(usedOnlyFrom("store.csv", "store.ingest"));
    rules.add(usedOnlyFrom("store.table", "store.csv", "store.ingest", "store.dataset"));
    rules.add(
        usedOnlyFrom(
            "store.duckdb",
            "store.profile",
            "store.csv",
            "store.ingest",
            "store.table",
            "store.dataset"));
    rules.add(usedOnlyFrom("store.ingest", "store.dataset"));
    rules.add(usedOnlyFrom("spec.keras", "api.model"));
    rules.add(typeUsedOnlyFrom("spec.check.TrainingCheck", "spec", "spec.check", "model.check"));
    rules.add(noCycles());
    return rules;
  }

  /** Names of all floors' packages. */
  static List<String> names() {
    return FLOORS.stream().flatMap(List::stream).toList();
  }

  /** The number of each floor with the names of its packages. */
  static Map<Integer, Set<String>> table() {
    Map<Integer, Set<String>> table = new TreeMap<>();
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      table.put(floor, new TreeSet<>(FLOORS.get(floor)));
    }
    return table;
  }

  private static List<String> sameOrHigher(int floor, String name) {
    List<String> above = new ArrayList<>();
    for (int other = floor; other < FLOORS.size(); other++) {
      above.addAll(FLOORS.get(other));
    }
    above.remove(name);
    return above;
  }

  private ArchRule looksDownOnly(String name, List<String> forbidden) {
    String[] packages = forbidden.stream().map(p -> root + "." + p + "..").toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(root + "." + name + "..")
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.resideInAnyPackage(packages)
                .or(
                    DescribedPredicate.describe(
                        "are the root package", c -> c.getPackageName().equals(root))))
        .as(name + " does not know " + String.join(", ", forbidden) + " nor the root package");
  }

  /** A caller of the service sees what the contract shows, not the service's own types. */
  private ArchRule usesOnly(String name, String... allowed) {
    List<String> packages = new ArrayList<>(List.of(root + "." + name + ".."));
    for (String other : allowed) {
      packages.add(root + "." + other + "..");
    }
    return noClasses()
        .that()
        .resideInAPackage(root + "." + name + "..")
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.resideInAPackage(root + "..")
                .and(
                    DescribedPredicate.not(
                        JavaClass.Predicates.resideInAnyPackage(packages.toArray(String[]::new)))))
        .as(name + " uses only " + String.join(", ", allowed));
  }

  private ArchRule onlyIn(String name, String... libraries) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(root + "." + name + "..", root)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries)
        .as("only " + name + " uses " + String.join(", ", libraries));
  }

  /** Types that are public for one neighbour are not an invitation to the rest of the floor. */
  private ArchRule usedOnlyFrom(String name, String... users) {
    List<String> allowed = new ArrayList<>(List.of(root + "." + name, root));
    for (String user : users) {
      allowed.add(root + "." + user);
    }
    return classes()
        .that()
        .resideInAPackage(root + "." + name)
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAnyPackage(allowed.toArray(String[]::new))
        .as(name + " is used only from " + String.join(", ", users));
  }

  /** One check of a whole model serves every caller, so only it runs those of spec.check. */
  private ArchRule typeUsedOnlyFrom(String type, String... users) {
    String[] allowed = Arrays.stream(users).map(user -> root + "." + user).toArray(String[]::new);
    return classes()
        .that()
        .haveFullyQualifiedName(root + "." + type)
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAnyPackage(allowed)
        .as(type + " is used only from " + String.join(", ", users));
  }

  private ArchRule noCycles() {
    return slices()
        .matching(root + ".(**)")
        .should()
        .beFreeOfCycles()
        .as("no packages depend on each other in a cycle");
  }
}
