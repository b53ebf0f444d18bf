package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.check.Warning;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ClassBalanceTest {
  private final TestPreparation preparation = new TestPreparation();

  private List<Warning> warnings(String target, String selection) {
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"y\"%s}}".formatted(target));
    return preparation.plan(model, selection).warnings().stream()
        .filter(
            each -> List.of("imbalanced_classes", "class_missing_in_part").contains(each.code()))
        .toList();
  }

  /** Labels in turn, one of so many rows positive. */
  private void upload(String name, int rows, int every) {
    StringBuilder csv = new StringBuilder("a,y\n");
    for (int i = 0; i < rows; i++) {
      csv.append(i % 7).append(i % every == 0 ? ",yes\n" : ",no\n");
    }
    preparation.datasets.csv(name, csv.toString());
  }

  @Test
  void classesFarFromBalanceDrawAWarningWithTheirCounts() {
    upload("t", 200, 20);
    List<Warning> found = warnings("", "{\"name\":\"t\"}");
    assertThat(found).extracting(Warning::code).containsExactly("imbalanced_classes");
    assertThat(found.getFirst().pointer()).isEqualTo("/model/targets/y");
    assertThat(found.getFirst().detail())
        .contains("190 of 200 rows are 'no', 10 'yes'", "95 %", "\"class_weights\": \"balanced\"")
        .contains("\"threshold\": {\"best\": \"f1\"}", "balanced_accuracy");
    assertThat(
            warnings(
                    ",\"threshold\":{\"best\":\"f1\"}",
                    "{\"name\":\"t\",\"split\":{\"validation\":0.5,\"stratify\":\"y\"}}")
                .getFirst()
                .detail())
        .doesNotContain("threshold");
    upload("balanced", 200, 5);
    assertThat(warnings("", "{\"name\":\"balanced\"}")).isEmpty();
  }

  @Test
  void onlyAChecksPlanHasWarnings() {
    upload("t", 200, 20);
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"y\"}}");
    Preparation asked = TestPreparation.rows(model, "{\"name\":\"t\"}", null);
    DataPlan plan = preparation.planner.plan(asked, new Violations());
    assertThat(Objects.requireNonNull(plan).warnings()).isEmpty();
    assertThat(plan.trainingRows()).isEqualTo(200);
  }

  @Test
  void aClassThatAPartLacksDrawsAWarning() {
    upload("t", 30, 10);
    // Three rows: a fifth of them is none.
    List<Warning> stratified =
        warnings(
            "", "{\"name\":\"t\",\"split\":{\"validation\":0.1,\"test\":0.1,\"stratify\":\"y\"}}");
    assertThat(stratified)
        .extracting(Warning::code)
        .containsExactly("imbalanced_classes", "class_missing_in_part");
    assertThat(stratified.getLast().detail())
        .contains("Of target 'y', class 'yes' (3 rows) is missing from the")
        .contains("It has too few rows");
    List<Warning> inOrder =
        warnings("", "{\"name\":\"t\",\"split\":{\"validation\":0.2,\"by\":\"file_order\"}}");
    assertThat(inOrder.getLast().detail()).contains("is missing from the validation rows");
    assertThat(inOrder.getLast().detail())
        .contains("\"stratify\": \"y\" gives each part its share");
    // With as many rows as parts each one gets some.
    upload("enough", 60, 4);
    assertThat(
            warnings(
                "",
                "{\"name\":\"enough\",\"split\":{\"validation\":0.2,\"test\":0.2,\"stratify\":\"y\"}}"))
        .isEmpty();
  }

  @Test
  void aRandomSplitIsWarnedOfWhereItLeavesAClassOut() {
    upload("t", 100, 5);
    // 20 rows of 'yes', and one row for validation.
    assertThat(warnings("", "{\"name\":\"t\",\"split\":{\"validation\":0.01}}"))
        .extracting(Warning::code)
        .containsExactly("class_missing_in_part");
    assertThat(warnings("", "{\"name\":\"t\",\"split\":{\"validation\":0.3}}")).isEmpty();
  }

  @Test
  void aClassThatTheValidationDatasetLacksDrawsAWarning() {
    upload("t", 40, 4);
    preparation.datasets.csv("v", "a,y\n1,no\n2,no\n");
    assertThat(warnings("", "{\"name\":\"t\",\"validation_dataset\":{\"name\":\"v\"}}"))
        .extracting(Warning::detail)
        .singleElement()
        .asString()
        .contains("class 'yes' (10 rows) is missing from the validation rows");
  }
}
