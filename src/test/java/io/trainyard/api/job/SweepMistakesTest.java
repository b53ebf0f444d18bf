package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is wrong with a sweep is said at submission, at its place, with the way out. */
@ServiceTest
@Timeout(60)
class SweepMistakesTest {
  private static final String RATE = "'/training/optimizer/learning_rate'";

  private static final JsonMapper JSON = new JsonMapper();

  @Autowired Http http;

  @BeforeEach
  void makeDataset() {
    http.upload("sweep-mistakes", "a,b,y\n" + "1,2,yes\n3,4,no\n5,6,yes\n7,1,no\n".repeat(6));
  }

  private static String body(String members) {
    String job =
        SweepHttpTest.job(3)
            .replace("\"name\": \"sweeps\"", "\"name\": \"sweep-mistakes\"")
            .replace(", \"stratify\": \"y\"", "");
    return "{\"job\": %s%s}"
        .formatted(job, members.isEmpty() ? "" : ", " + members.replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ''                                                  | /parameters | 'parameters' is required
          'parameters': []                                    | /parameters | An object was expected, got a list
          'parameters': {}, 'folds': 5                        | /folds | Unknown member 'folds'
          'parameters': {}                                    | /objective | give validation rows: "split": {"validation": 0.2} in 'dataset', or a "cross_validation": 5 to the sweep
          'parameters': {}, 'cross_validation': 1             | /cross_validation | A whole number from 2 to 100 was expected, got 1
          'parameters': {}, 'cross_validation': 30            | /cross_validation | of 30 has no rows to validate on
          'parameters': {}, 'cross_validation': 3, 'objective': 'val_acuracy' | /objective | does not measure 'val_acuracy'
          'parameters': {}, 'cross_validation': 3, 'strategy': 'bayes' | /strategy | One of grid, random, halving was expected
          'parameters': {}, 'cross_validation': 3, 'trials': 5 | /trials | A grid tries every combination
          'parameters': {@: [0.1]}, 'cross_validation': 3, 'strategy': 'random' | /trials | 'trials' is required
          'parameters': {@: []}, 'cross_validation': 3        | /parameters/#  | At least one value was expected
          'parameters': {@: 0.1}, 'cross_validation': 3       | /parameters/#  | A list of values or a range was expected
          'parameters': {@: [0.1, 0.1]}, 'cross_validation': 3 | /parameters/#/1 | The value is in the list already
          'parameters': {@: [0.1, -1, 'x']}, 'cross_validation': 3 | /parameters/#/1 | learning_rate must be above 0
          'parameters': {@: [0.1, 'x']}, 'cross_validation': 3 | /parameters/#/1 | A number was expected
          'parameters': {@: {'min': 1, 'max': 1}}, 'strategy': 'random', 'trials': 2, 'cross_validation': 3 | /parameters/#/max | A number above min
          'parameters': {@: {'min': 0, 'max': 1, 'scale': 'log'}}, 'strategy': 'random', 'trials': 2, 'cross_validation': 3 | /parameters/#/min | A log scale needs a min above 0
          'parameters': {@: {'min': 0.1, 'max': 1}}, 'cross_validation': 3 | /parameters/# | A grid takes a list of values
          'parameters': {'learning_rate': [0.1]}, 'cross_validation': 3 | /parameters/learning_rate | A JSON pointer into 'job' was expected
          'parameters': {'/dataset/where': ['a > 0']}, 'cross_validation': 3 | /parameters/~1dataset~1where | all trials need the same rows
          'parameters': {'/model/network/layers/7/units': [1]}, 'cross_validation': 3 | /parameters/~1model~1network~1layers~17~1units | The job has nothing at '/model/network/layers/7'
          'parameters': {'/training/early_stopping/patience': [3]}, 'cross_validation': 3 | /parameters/~1training~1early_stopping~1patience | write "early_stopping": {} there first
          'parameters': {'/model/network/layers/2': [{}]}, 'cross_validation': 3 | /parameters/~1model~1network~1layers~12 | The list has 2 elements
          'parameters': {'/training/optimizer': [{'type': 'sgd'}], @: [0.1]}, 'cross_validation': 3 | /parameters/# | The parameter '/training/optimizer' already sets this
          'parameters': {'/model/network/layers/1/units': [2, 3]}, 'cross_validation': 3 | /parameters/~1model~1network~1layers~11~1units/1 | expects [2], but 'dense_2' gives [3]
          'parameters': {'/model/network/layers/1/activation': ['softmax', 'linear']}, 'cross_validation': 3 | /job/training/loss | activation = "linear"
          'parameters': {@: {'min': 0.1, 'max': 1}}, 'strategy': 'random', 'trials': 500, 'cross_validation': 3 | /trials | 500 trials of 3 folds were asked for, at most 1000 trainings are allowed
          'parameters': {'/training/epochs': [1, 2]}, 'strategy': 'halving', 'cross_validation': 3 | /parameters/~1training~1epochs | A halving decides how long
          """)
  void eachMistakeIsNamed(String members, String pointer, String detail) {
    http.post("/v1/sweeps", body(members.equals("''") ? "" : members.replace("@", RATE)))
        .expectFault(pointer.replace("#", "~1training~1optimizer~1learning_rate"), detail);
  }

  @Test
  void aHalvingTakesNoPhases() {
    String sweep = body("'parameters': {}, 'cross_validation': 3, 'strategy': 'halving'");
    String phased =
        sweep.replace(
            "\"training\": {", "\"training\": {\"phases\": [{\"train\": [\"dense_1\"]}], ");
    http.post("/v1/sweeps", phased).expectFault("/strategy", "in the middle of their phases");
  }

  @Test
  void theJobIsCheckedAsOneThatIsSubmitted() {
    String sweep = body("'parameters': {}, 'cross_validation': 3");
    http.post("/v1/sweeps", sweep.replace("\"epochs\": 3", "\"epochs\": 0"))
        .expectFault("/job/training/epochs", "was expected, got 0");
    http.post(
            "/v1/sweeps",
            sweep.replace("\"columns\": [\"a\", \"b\"]", "\"columns\": [\"a\", \"z\"]"))
        .expectFault("/job/model/inputs/x/columns/1", "There is no column 'z'");
    http.post("/v1/sweeps", sweep.replace("\"seed\": 7", "\"seed\": 7, \"monitor\": \"val_loss\""))
        .expectFault("/job/training/monitor", "leave 'monitor' out");
    http.post("/v1/sweeps", "{\"parameters\": {}}").expectFault("/job", "'job' is required");
    http.post("/v1/sweeps", "[]").expect(422);
    // The refit has no rows to validate on.
    http.post(
            "/v1/sweeps",
            sweep.replace(
                "\"alias\": \"production\"",
                "\"alias\": \"production\", \"when\": {\"val_accuracy\": {\"min\": 0.5}}"))
        .expectFault("/job/on_success/when/val_accuracy", "does not measure 'val_accuracy'");
  }

  @Test
  void aStoredModelIsNamedWhereTheFaultIs() {
    ObjectNode sweep =
        (ObjectNode)
            JSON.readTree(
                body(
                    "'parameters': {'/model/network/layers/0/units': [4, 0]},"
                        + " 'cross_validation': 3"));
    ObjectNode job = (ObjectNode) sweep.get("job");
    ((ObjectNode) job.get("model")).put("name", "stored-mistakes");
    http.post("/v1/models", job.get("model").toString()).expect(201);
    job.put("model", "stored-mistakes");
    http.post("/v1/sweeps", sweep.toString())
        .expectFault("/parameters/~1model~1network~1layers~10~1units/1", "was expected, got 0");
    sweep.putObject("parameters");
    http.upload("sweep-letters", "a,c,y\n1,2,yes\n3,4,no\n5,6,yes\n7,8,no\n9,9,yes\n");
    ((ObjectNode) job.get("dataset")).put("name", "sweep-letters");
    http.post("/v1/sweeps", sweep.toString())
        .expectFault("/job/model", "At /inputs/x/columns/1 of model 'stored-mistakes'");
    job.put("model", "none");
    http.post("/v1/sweeps", sweep.toString()).expectFault("/job/model", "There is no model 'none'");
  }

  @Test
  void aFoldOfAJobIsChecked() {
    String job =
        "{\"model\": %s, \"dataset\": {\"name\": \"sweep-mistakes\", \"split\": %s}, \"training\":"
            + " {\"loss\": \"categorical_crossentropy\", \"epochs\": 1}}";
    String model = JSON.readTree(body("")).at("/job/model").toString();
    http.post("/v1/jobs", job.formatted(model, "{\"fold\": {\"number\": 3, \"of\": 2}}"))
        .expectFault("/dataset/split/fold", "was 3 of 2");
    http.post(
            "/v1/jobs",
            job.formatted(model, "{\"validation\": 0.2, \"fold\": {\"number\": 1, \"of\": 2}}"))
        .expectFault("/dataset/split/fold", "leave 'validation' out");
    JsonNode done = http.train(job.formatted(model, "{\"fold\": {\"number\": 2, \"of\": 3}}"));
    assertThat(done.at("/request/dataset/split/fold").toString())
        .isEqualTo("{\"number\":2,\"of\":3}");
    assertThat(done.get("metrics").has("val_loss")).isTrue();
  }
}
