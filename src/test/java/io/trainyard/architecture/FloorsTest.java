package io.trainyard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A package imports only packages of lower floors, and each rule finds its planted violation. */
@Tag("long")
class FloorsTest {
  private static final String ROOT = "io.trainyard";
  private static final String PLANTED = ROOT + ".architecture.planted";

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);
  private static final JavaClasses VIOLATIONS = new ClassFileImporter().importPackages(PLANTED);

  static List<ArchRule> rules() {
    return new Floors(ROOT).rules();
  }

  static List<ArchRule> plantedRules() {
    return new Floors(PLANTED).rules();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void productKeepsTheRule(ArchRule rule) {
    rule.check(PRODUCT);
  }

  @ParameterizedTest
  @MethodSource("plantedRules")
  void ruleFindsItsPlantedViolation(ArchRule rule) {
    assertThat(rule.evaluate(VIOLATIONS).hasViolation()).isTrue();
  }

  @Test
  void everyPackageHasAFloor() {
    assertThat(PRODUCT.stream().map(JavaClass::getPackageName).distinct())
        .allSatisfy(
            name ->
                assertThat(name.equals(ROOT) || Floors.names().contains(firstBelowRoot(name)))
                    .isTrue());
  }

  @Test
  void theGuideShowsThem() throws IOException {
    Map<Integer, Set<String>> shown = new TreeMap<>();
    Pattern.compile("(?m)^\\| (\\d+) \\| `(\\w+)`: ")
        .matcher(Files.readString(Path.of("src/docs/contributing.md")))
        .results()
        .forEach(
            row ->
                shown
                    .computeIfAbsent(Integer.valueOf(row.group(1)), _ -> new TreeSet<>())
                    .add(row.group(2)));
    assertThat(shown).isEqualTo(Floors.table());
  }

  private static String firstBelowRoot(String packageName) {
    return packageName.substring(ROOT.length() + 1).split("\\.", 2)[0];
  }
}
