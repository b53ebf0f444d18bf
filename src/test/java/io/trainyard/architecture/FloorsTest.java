package io.trainyard.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A package imports only packages of lower floors; packages of one floor do not know each other.
 */
class FloorsTest {
  private static final String ROOT = "io.trainyard";

  /** Floor 0 first. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("error"),
          List.of("json", "idempotency"),
          List.of("tensor"),
          List.of("spec"),
          List.of("dataset"),
          List.of("model"),
          List.of("engine", "onnx"),
          List.of("train"),
          List.of("predict"),
          List.of("job", "inspect"),
          List.of("api", "grpc", "store"));

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  static List<ArchRule> rules() {
    List<ArchRule> rules = new ArrayList<>();
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      for (String name : FLOORS.get(floor)) {
        rules.add(floorRule(ROOT, name, forbidden(floor, name)));
      }
    }
    rules.add(onlyIn("engine", "org.bytedeco.."));
    rules.add(onlyIn("onnx", "ai.onnxruntime.."));
    rules.add(onlyIn("store", "java.sql..", "org.duckdb..", "org.springframework.jdbc.."));
    rules.add(
        onlyIn(
            "api", "org.springframework.web..", "org.springframework.http..", "jakarta.servlet.."));
    return rules;
  }

  @ParameterizedTest
  @MethodSource("rules")
  void holds(ArchRule rule) {
    rule.allowEmptyShould(true).check(PRODUCT);
  }

  @Test
  void everyPackageHasAFloor() {
    List<String> known = FLOORS.stream().flatMap(List::stream).toList();
    assertThat(PRODUCT.stream().map(JavaClass::getPackageName).distinct())
        .allSatisfy(
            name -> assertThat(name.equals(ROOT) || known.contains(firstBelowRoot(name))).isTrue());
  }

  @Test
  void aPlantedViolationIsFound() {
    JavaClasses planted =
        new ClassFileImporter().importPackages("io.trainyard.architecture.planted");
    ArchRule rule =
        floorRule("io.trainyard.architecture.planted", "error", List.of("spec", "tensor"));
    assertThat(rule.evaluate(planted).hasViolation()).isTrue();
  }

  private static String firstBelowRoot(String packageName) {
    return packageName.substring(ROOT.length() + 1).split("\\.", 2)[0];
  }

  private static List<String> forbidden(int floor, String name) {
    List<String> above = new ArrayList<>();
    for (int other = floor; other < FLOORS.size(); other++) {
      above.addAll(FLOORS.get(other));
    }
    above.remove(name);
    return above;
  }

  private static ArchRule floorRule(String root, String name, List<String> forbidden) {
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

  private static ArchRule onlyIn(String name, String... libraries) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + "." + name + "..", ROOT)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries)
        .as("only " + name + " uses " + String.join(", ", libraries));
  }
}
