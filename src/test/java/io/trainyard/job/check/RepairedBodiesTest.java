package io.trainyard.job.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How much is done to find the faults that others hide. */
class RepairedBodiesTest {
  private static final JsonMapper JSON = new JsonMapper();

  private static final String JOB =
      """
      {"training": {"epochs": 0, "optimizer": {"p1": 1, "p2": 1, "p3": 1, "p4": 1, "p5": 1}}}
      """;

  private int checks;

  /** A job with so many values, whose checks find one more fault each. */
  private Violations complete(int values, int faults) {
    ObjectNode body = (ObjectNode) JSON.readTree(JOB);
    ArrayNode list = body.putArray("many");
    for (int i = 0; i < values; i++) {
      list.add(i);
    }
    return complete(body, faults);
  }

  private Violations complete(ObjectNode body, int faults) {
    Violations found = new Violations();
    found.add("/training/epochs", "too few");
    for (int i = 1; i < faults; i++) {
      found.add("/" + i, "wrong");
    }
    RepairedBodies.complete(
        body,
        found,
        _ -> {
          checks++;
          return List.of(new Violation("/training/optimizer/p" + checks, "hidden"));
        });
    return found;
  }

  @Test
  void allColumnsAreNotTakenForTheNameOfOne() {
    ObjectNode body =
        (ObjectNode) JSON.readTree("{\"model\": {\"inputs\": {\"x\": {\"columns\": \"*\"}}}}");
    Violations found = new Violations();
    found.add("/model/inputs/x/columns", "Column 'km' has no value in 3 rows");
    RepairedBodies.complete(
        body,
        found,
        repaired ->
            repaired.at("/model/inputs/x/columns").isArray()
                ? List.of(
                    new Violation(
                        "/model/inputs/x/columns/0", "There is no column '*'; there is a"))
                : List.of());
    assertThat(found.list()).hasSize(1);
  }

  @Test
  void aFaultInsideTheEntryOfATimeTakesTheEntryAway() {
    ObjectNode body =
        (ObjectNode)
            JSON.readTree("{\"model\": {\"inputs\": {\"x\": {\"columns\": [{}, \"a\"]}}}}");
    Violations found = new Violations();
    found.add("/model/inputs/x/columns/0/column", "'column' is required");
    List<Integer> columns = new ArrayList<>();
    RepairedBodies.complete(
        body,
        found,
        repaired -> {
          columns.add(repaired.at("/model/inputs/x/columns").size());
          return List.of();
        });
    assertThat(columns).contains(1);
    assertThat(found.list()).hasSize(1);
  }

  /**
   * The faults of a body in which a part cannot be read, whose check says nothing else until
   * something else is put there.
   */
  private static List<String> told(String body, String unreadable, String hidden) {
    ObjectNode given = (ObjectNode) JSON.readTree(body.replace('\'', '"'));
    Violations found = new Violations();
    found.add(unreadable, "cannot be read");
    JsonNode bad = given.at(unreadable);
    RepairedBodies.complete(
        given,
        found,
        repaired ->
            repaired.at(unreadable).equals(bad)
                ? List.of()
                : List.of(new Violation(hidden, "hidden")));
    return found.list().stream().map(Violation::pointer).toList();
  }

  /** A layer does not depend on the metrics, but what a network gives depends on its layers. */
  @Test
  void onlyWhatNoPossibleRepairChangesIsTold() {
    String body =
        "{'model':{'network':{'layers':[{'type':'a'},{'type':'b'}]}},"
            + "'training':{'metrics':['bad'],'epochs':1}}";
    String layer = "/model/network/layers/1/units";
    assertThat(told(body, "/training/metrics/0", layer))
        .containsExactly("/training/metrics/0", layer);
    assertThat(told(body, "/model/network/layers/0/type", layer))
        .containsExactly("/model/network/layers/0/type");
    assertThat(told(body, "/model/network/layers/0/type", "/training/monitor"))
        .containsExactly("/model/network/layers/0/type", "/training/monitor");
  }

  @Test
  void aBodyOfUsualSizeIsSearchedToItsEnd() {
    Violations found = complete(10_000, 1);
    assertThat(checks).isEqualTo(4);
    assertThat(found.list()).hasSize(5);
    assertThat(found.isPartial()).isFalse();
  }

  @Test
  void theSearchReadsABoundedNumberOfValues() {
    Violations found = complete(90_000, 1);
    assertThat(checks).isEqualTo(2);
    assertThat(found.isPartial()).isTrue();
    assertThatThrownBy(found::throwIfAny).hasMessageEndingWith("(and at least 2 more)");
    checks = 0;
    assertThat(complete(1_000_000, 1).isPartial()).isTrue();
    assertThat(checks).isZero();
  }

  @Test
  void longTextsCountToo() {
    ObjectNode body = (ObjectNode) JSON.readTree(JOB);
    body.put("text", "t".repeat(4 << 20));
    assertThat(complete(body, 1).isPartial()).isTrue();
    ObjectNode named = (ObjectNode) JSON.readTree(JOB);
    named.put("n".repeat(4 << 20), 1);
    assertThat(complete(named, 1).isPartial()).isTrue();
    assertThat(checks).isZero();
  }

  @Test
  void nothingIsSearchedWhenNoFaultCouldBeListed() {
    Violations found = complete(1, 100);
    assertThat(checks).isZero();
    assertThat(found.list()).hasSize(100);
    assertThat(found.isPartial()).isTrue();
  }
}
