package io.trainyard.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.access.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class SpecReferencesTest {
  private static final String MODEL =
      """
      {'name': 'm',
       'inputs': {'x': {'like': 'scaled@1'}, 'y': {'column': 'y'}, 'z': {'like': 'scaled@1'}},
       'network': {'layers': [
         {'type': 'dense', 'units': 1, 'ref': 'ignored@1'},
         {'type': 'model', 'ref': 'a@1', 'network': {'layers': [
           {'type': 'model', 'ref': 'b@2', 'network': {'layers': [
             {'type': 'model', 'ref': 'c@3', 'network': {}}]}}]}},
         {'type': 'model', 'name': 'own', 'ref': 'a@1', 'network': {}}%s]}}
      """;

  /** Files that read these members from a request, each with its own checks. */
  private static final Set<String> READERS =
      Set.of("SpecReferences.java", "InputReader.java", "NestedReader.java", "JobRequest.java");

  /**
   * SQL's operator {@code like}, descriptions, and advice to those who write an object too short.
   */
  private static final Set<String> OTHER_MEANINGS =
      Set.of("ConditionParser.java", "Examples.java", "NestedSpec.java", "SweepBodies.java");

  private static final Pattern BY_HAND =
      Pattern.compile(
          "\"(ref|like|initial_weights)\"|\\.at\\(\\s*\"[^\"]*/(ref|like|initial_weights)");

  @Test
  void everyVersionIsFoundOnceAtAnyDepth() {
    JsonNode model = Specs.json(MODEL.formatted(""));
    assertThat(SpecReferences.of(model).versions())
        .extracting(ModelReference::toString)
        .containsExactly("a@1", "b@2", "c@3", "scaled@1");
  }

  @Test
  void layersKeepTheirNamesAndPlaces() {
    List<SpecReferences.Nested> nested =
        SpecReferences.of(Specs.json(MODEL.formatted(", {'type': 'model'}"))).nested();
    assertThat(nested)
        .extracting(SpecReferences.Nested::name)
        .containsExactly("model_1", "own", "model_3");
    assertThat(nested.get(2).pointer("/model")).isEqualTo("/model/network/layers/3/ref");
    assertThat(nested.get(2).ref()).isNull();
  }

  @Test
  void aJobAlsoReadsTheVersionItStartsFrom() {
    ObjectNode request =
        (ObjectNode) Specs.json("{'model': 'm', 'initial_weights': {'version': 7}}");
    SpecReferences.nameInitialVersion(request, "m", 7);
    assertThat(SpecReferences.ofJob(Specs.json("{'name': 'm'}"), request))
        .containsExactly(new ModelReference("m", "7"));
    ObjectNode continued =
        (ObjectNode) Specs.json("{'model': 'm', 'initial_weights': {'job': 'j'}}");
    SpecReferences.nameInitialVersion(continued, "other", 2);
    assertThat(SpecReferences.ofJob(Specs.json("{'name': 'm'}"), continued))
        .containsExactly(new ModelReference("other", "2"));
    assertThat(SpecReferences.ofJob(Specs.json("{'name': 'm'}"), Specs.json("{}"))).isEmpty();
  }

  /** A model with the name of a hidden one would be neither held nor pinned. */
  @Test
  void noModelHasTheNameOfAHiddenOne() {
    assertThat(SpecReferences.HIDDEN).doesNotMatch(Names.FORM);
    JsonNode model = Specs.json(MODEL.formatted(""));
    SpecReferences hiding = SpecReferences.of(SpecReferences.hiding(model, "a"::equals));
    assertThat(hiding.versions()).extracting(ModelReference::toString).containsExactly("a@1");
    assertThat(hiding.likes().getFirst().like()).isEqualTo(SpecReferences.HIDDEN + "@1");
    JsonNode named = Specs.json(MODEL.formatted("").replace("a@1", "hidden-from-this-key@1"));
    assertThat(SpecReferences.of(named).versions())
        .extracting(ModelReference::toString)
        .containsExactly("hidden-from-this-key@1", "b@2", "c@3", "scaled@1");
  }

  @Test
  void anythingButAModelObjectHasNoReferences() {
    for (String text :
        List.of("1", "{}", "{'inputs': 3, 'network': []}", "{'network': {'layers': {'a': 1}}}")) {
      assertThat(SpecReferences.of(Specs.json(text)).versions()).as(text).isEmpty();
    }
  }

  /** A reference found by hand would be forgotten by holds, pins or deletes. */
  @Test
  void noOtherCodeLooksForReferences() throws IOException {
    List<String> byHand = new ArrayList<>();
    try (var files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        String name = file.getFileName().toString();
        if (!READERS.contains(name)
            && !OTHER_MEANINGS.contains(name)
            && BY_HAND.matcher(Files.readString(file)).find()) {
          byHand.add(file.toString());
        }
      }
    }
    assertThat(byHand).isEmpty();
  }
}
