package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.json;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static io.trainyard.dataset.prepare.TestPreparation.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitColumnTest {
  private static final String BY_PART =
      "{\"name\":\"t\",\"split\":{\"by\":\"column\",\"column\":\"part\"}}";

  private final TestPreparation preparation = new TestPreparation();
  private final ModelSpec all = model("{\"x\":{\"columns\":\"*\"}}", "{\"y\":{\"column\":\"y\"}}");

  @BeforeEach
  void upload() {
    preparation.datasets.csv(
        "t",
        "a,y,part,customer\n1,10,training,7\n2,20,test,7\n3,30,validation,8\n4,40,training,8\n5,50,test,9\n");
  }

  @Test
  void aColumnNamesTheParts() {
    try (PreparedData data =
        preparation.prepare(
            model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"y\"}}"), BY_PART)) {
      assertThat(target(data.training(), "y")).containsExactly(10, 40);
      assertThat(target(data.validation(), "y")).containsExactly(30);
      assertThat(target(data.test(), "y")).containsExactly(20, 50);
      assertThat(data.rowNumbers(PreparedData.Part.TEST, new int[] {0, 1})).containsExactly(2, 5);
    }
  }

  @Test
  void anInputOfAllColumnsLeavesTheSplitColumnOut() {
    try (PreparedData data = preparation.prepare(all, BY_PART)) {
      assertThat(input(data.training(), "x")).as("a, customer").containsExactly(1, 7, 4, 8);
    }
    ModelSpec withoutPart =
        model("{\"x\":{\"columns\":\"*\"}}", "{\"y\":{\"columns\":[\"y\",\"a\"]}}");
    preparation.datasets.csv("t", "a,y,z,customer\n1,1,1,7\n2,2,2,8\n3,3,3,9\n");
    try (PreparedData data =
        preparation.prepare(
            withoutPart,
            "{\"name\":\"t\",\"split\":{\"by\":\"group\",\"group\":\"customer\",\"test\":0.4}}")) {
      assertThat(input(data.training(), "x")).as("z alone").hasSize(data.training().rows());
    }
  }

  @Test
  void aGroupThatTheModelNamesStaysAnInput() {
    ModelSpec named = model("{\"x\":{\"columns\":[\"customer\"]}}", "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data =
        preparation.prepare(
            named,
            "{\"name\":\"t\",\"split\":{\"by\":\"group\",\"group\":\"customer\",\"validation\":0.2,\"test\":0.4}}")) {
      assertThat(input(data.validation(), "x")).containsExactly(9);
      assertThat(input(data.test(), "x")).hasSize(2);
      assertThat(input(data.training(), "x")).hasSize(2);
    }
  }

  @Test
  void otherWordsAreNamedWithTheirRows() {
    preparation.datasets.csv("t", "a,y,part\n1,1,training\n2,2,train\n3,3,\n4,4,train\n5,5,Test\n");
    List<Violation> violations = preparation.violations(all, BY_PART);
    assertThat(violations).hasSize(1);
    assertThat(violations.getFirst().pointer()).isEqualTo("/dataset/split/column");
    assertThat(violations.getFirst().detail())
        .contains("row 2 has 'train', perhaps 'training' (2 such rows)")
        .contains("row 3 has nothing (1 such rows)")
        .contains("row 5 has 'Test', perhaps 'test' (1 such rows)")
        .contains("\"where\": \"part IN ('training', 'validation', 'test')\"");
  }

  @Test
  void aConditionLeavesForeignWordsOut() {
    preparation.datasets.csv("t", "a,y,part\n1,1,training\n2,2,train\n3,3,test\n");
    preparation.datasets.condition("good", row -> !row.get("part").asString().equals("train"));
    DataPlan plan = preparation.plan(all, BY_PART.replace("}}", "},\"where\":\"good\"}"));
    assertThat(List.of(plan.trainingRows(), plan.validationRows(), plan.testRows()))
        .containsExactly(1L, 0L, 1L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"by":"column","column":"nope"}                                | /dataset/split/column     | There is no column 'nope'
          {"by":"column","column":"a"}                                   | /dataset/split/column     | is a integer
          {"by":"group","group":"custome","test":0.2}                    | /dataset/split/group      | did you mean 'customer'
          {"by":"group","group":"customer","fold":{"number":5,"of":5}}   | /dataset/split/fold       | has 3 groups, and fold 5 of 5 has no group
          """)
  void whatDoesNotFitIsRefused(String split, String pointer, String detail) {
    Violations violations = new Violations();
    DatasetSelection selection =
        DatasetSelection.read(
            json("{\"name\":\"t\",\"split\":" + split + "}"), "/dataset", violations);
    List<Violation> found =
        selection == null
            ? violations.list()
            : preparation.violations(all, "{\"name\":\"t\",\"split\":" + split + "}");
    assertThat(found.getFirst().pointer()).isEqualTo(pointer);
    assertThat(found.getFirst().detail()).contains(detail);
  }

  @Test
  void tooFewGroupsAreRefused() {
    preparation.datasets.csv("t", "a,y,customer\n1,1,7\n2,2,7\n3,3,8\n4,4,8\n");
    assertThat(
            preparation.violations(
                all,
                "{\"name\":\"t\",\"split\":{\"by\":\"group\",\"group\":\"customer\",\"validation\":0.2,\"test\":0.2}}"))
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.pointer()).isEqualTo("/dataset/split/test");
              assertThat(violation.detail())
                  .isEqualTo("Column 'customer' has 2 groups, and none is left for the test");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"by":"group"}                                        | /dataset/split/group      | was expected
          {"by":"column"}                                       | /dataset/split/column     | was expected
          {"group":"g","validation":0.2}                        | /dataset/split/group      | needs "by": "group"
          {"by":"group","group":"g","column":"c","test":0.2}    | /dataset/split/column     | needs "by": "column"
          {"by":"column","column":"c","validation":0.2}         | /dataset/split/validation | leave 'validation' out
          {"by":"column","column":"c","test":0}                 | /dataset/split/test       | leave 'test' out
          {"by":"column","column":"c","stratify":"y"}           | /dataset/split/stratify   | cannot keep proportions
          {"by":"group","group":"g","test":0.2,"stratify":"y"}  | /dataset/split/stratify   | cannot keep proportions
          """)
  void membersThatContradictAreRefused(String split, String pointer, String detail) {
    Violations violations = new Violations();
    assertThat(
            DatasetSelection.read(
                json("{\"name\":\"t\",\"split\":" + split + "}"), "/dataset", violations))
        .isNull();
    assertThat(violations.list())
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.pointer()).isEqualTo(pointer);
              assertThat(violation.detail()).contains(detail);
            });
  }

  @Test
  void aSelectionIsWrittenAsItWasRead() {
    for (String split :
        List.of(
            "{\"by\":\"column\",\"column\":\"part\"}",
            "{\"validation\":0.2,\"test\":0.1,\"by\":\"group\",\"group\":\"customer\"}")) {
      String given = "{\"name\":\"t\",\"version\":1,\"split\":" + split + "}";
      assertThat(TestPreparation.selection(given).toJson()).isEqualTo(json(given));
    }
  }

  @Test
  void rowsToValidateOnComeFromOnePlace() {
    preparation.datasets.csv("v", "a,y,part,customer\n1,10,x,7\n");
    String both = BY_PART.replace("}}", "},\"validation_dataset\":{\"name\":\"v\"}}");
    assertThat(preparation.violations(all, both))
        .singleElement()
        .satisfies(
            violation -> assertThat(violation.pointer()).isEqualTo("/dataset/validation_dataset"));
  }

  /** A window lies in one series and one part; the parts of a series may alternate. */
  @Test
  void windowsKeepToThePartsOfAColumn() {
    preparation.datasets.csv(
        "t",
        "y,part\n1,training\n2,training\n3,training\n4,test\n5,test\n6,training\n7,training\n8,validation\n9,validation\n");
    ModelSpec series =
        model("{\"x\":{\"columns\":[\"y\"],\"window\":2}}", "{\"next\":{\"column\":\"y\"}}");
    try (PreparedData data = preparation.prepare(series, BY_PART)) {
      assertThat(input(data.training(), "x")).containsExactly(1, 2, 2, 3, 6, 7);
      assertThat(input(data.validation(), "x")).containsExactly(8, 9);
      assertThat(input(data.test(), "x")).containsExactly(4, 5);
    }
    assertThat(
            preparation.violations(
                series, BY_PART.replace("}}", ",\"fold\":{\"number\":1,\"of\":2}}}")))
        .extracting(Violation::pointer)
        .containsExactly("/dataset/split/fold");
  }

  @Test
  void windowsKeepToTheirGroups() {
    preparation.datasets.csv("t", "y,shop\n1,a\n2,a\n3,b\n4,b\n5,c\n6,c\n");
    ModelSpec series =
        model(
            "{\"x\":{\"columns\":[\"y\"],\"window\":{\"length\":2,\"group\":\"shop\"}}}",
            "{\"next\":{\"column\":\"y\"}}");
    try (PreparedData data =
        preparation.prepare(
            series,
            "{\"name\":\"t\",\"split\":{\"by\":\"group\",\"group\":\"shop\",\"validation\":0.3,\"test\":0.3}}")) {
      assertThat(List.of(data.training().rows(), data.validation().rows(), data.test().rows()))
          .containsExactly(1, 1, 1);
    }
  }
}
