package io.trainyard.tutorial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Each kind of difference between a shown reply and a real one is found, and nothing else. */
class ShownReplyTest {
  private static final JsonMapper JSON = new JsonMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": 1}               | {\"a\":1,\"b\":2}",
        "{\"a\": 1, …}            | {\"a\":1,\"b\":2}",
        "{\"a\": 1}               | {\"a\":1.0}",
        "{\"a\": \"…\"}           | {\"a\":{\"b\":[]}}",
        "{\"a\": \"ab…yz\"}       | {\"a\":\"ab cd\\nyz\"}",
        "{\"a\": 0.97}            | {\"a\":0.9612}",
        "{\"a\": 0.97}            | {\"a\":0.9799}",
        "{\"a\": 2.0e-5}          | {\"a\":0.000019}",
        "{\"a\": 1.0}             | {\"a\":1}",
        "[1, …]                   | [1,2,3]",
        "[1, …]                   | [1]",
        "[…, 3]                   | [1,2,3]",
        "[1, …, 3]                | [1,3]",
        "[1, …, {\"a\": 3}]       | [1,7,8,{\"a\":3}]",
        "[1, \"…\"]               | [1,{\"b\":2}]",
        "[\"a … \\\" \"]          | [\"a b \\\" \"]",
        "{\"a\": null, \"b\": true} | {\"a\":null,\"b\":true}",
      })
  void isEqual(String shown, String real) {
    assertThat(differences(shown, real)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": 1}               | {\"a\":2}             | /a: shown 1, was 2",
        "{\"a\": 1}               | {\"a\":1.01}          | /a: shown 1, was 1.01",
        "{\"a\": 1}               | {\"a\":\"1\"}         | /a: shown 1, was \"1\"",
        "{\"a\": 0.97}            | {\"a\":0.959}         | /a: shown 0.97, was 0.959",
        "{\"a\": 0.97}            | {\"a\":0.981}         | /a: shown 0.97, was 0.981",
        "{\"a\": 0.970}           | {\"a\":0.972}         | /a: shown 0.970, was 0.972",
        "{\"a\": 2.0e-5}          | {\"a\":2.2e-5}        | /a: shown 0.000020, was 0.000022",
        "{\"a\": {\"b\": 1}}      | {\"a\":{}}            | /a/b: is not in the reply",
        "{\"a\": {\"b\": 1}}      | {\"a\":[1]}           | /a: shown {\"b\":1}, was [1]",
        "{\"a\": \"x\"}           | {\"a\":\"y\"}         | /a: shown \"x\", was \"y\"",
        "{\"a\": \"x…\"}          | {\"a\":\"yx\"}        | /a: shown \"x…\", was \"yx\"",
        "{\"a\": true}            | {\"a\":false}         | /a: shown true, was false",
        "{\"a\": null}            | {\"a\":0}             | /a: shown null, was 0",
        "[1, 2]                   | [1]                   | : shown 2 elements, was 1",
        "[1]                      | [1,2]                 | : shown 1 elements, was 2",
        "[1, 2, …]                | [1]                   | : shown 2 elements, was 1",
        "[1, 3, …]                | [1,2,3]               | /1: shown 3, was 2",
        "[…, 2]                   | [1,2,3]               | /2: shown 2, was 3",
        "[1]                      | {\"a\":1}             | /: shown [1], was {\"a\":1}",
      })
  void differs(String shown, String real, String difference) {
    assertThat(differences(shown, real)).containsExactly(difference);
  }

  private static List<String> differences(String shown, String real) {
    return new ShownJson(shown).differencesTo(JSON.readTree(real));
  }

  @Test
  void refusesAReplyThatIsNotJson() {
    assertThatThrownBy(() -> new ShownJson("{\"a\": }")).isInstanceOf(JacksonException.class);
  }

  @Test
  void textIsEqualLineByLineWithDots() {
    assertThat(new ShownText("a…c\nd\n").differencesTo("abc  \nd\n\n")).isEmpty();
    assertThat(new ShownText("a\n…\nd").differencesTo("a\nb\nc\nd")).isEmpty();
    assertThat(new ShownText("a\n…").differencesTo("a")).isEmpty();
  }

  @Test
  void textThatDiffersIsFoundWithItsLine() {
    assertThat(new ShownText("a\nb").differencesTo("a\nc"))
        .containsExactly("line 2: shown 'b', was 'c'");
    assertThat(new ShownText("a\nb").differencesTo("a"))
        .containsExactly("line 2: shown 'b', was '(end)'");
    assertThat(new ShownText("a").differencesTo("a\nb"))
        .containsExactly("line 2: shown '(end)', was 'b'");
    assertThat(new ShownText("a…c").differencesTo("abd"))
        .containsExactly("line 1: shown 'a…c', was 'abd'");
    assertThat(new ShownText("a\n…\nd").differencesTo("a\nb\nc")).hasSize(1);
  }

  @Test
  void findsTheJsonInWhatCommandsPrint() {
    assertThat(PrintedJson.in("id\n{\"a\":1}{\"b\":[2]}[3] text {not json} \n{\"c\":4}"))
        .extracting(Object::toString)
        .containsExactly("{\"a\":1}", "{\"b\":[2]}", "[3]", "{\"c\":4}");
  }

  @Test
  void knowsProblemsAndFailedJobs() {
    assertThat(PrintedJson.in("{\"type\":\"urn:trainyard:problem:unknown_dataset\"}"))
        .allMatch(PrintedJson::isFailure);
    assertThat(PrintedJson.in("{\"state\":\"failed\"}")).allMatch(PrintedJson::isFailure);
    assertThat(PrintedJson.in("{\"state\":\"succeeded\"}")).noneMatch(PrintedJson::isFailure);
  }
}
