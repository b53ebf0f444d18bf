package io.trainyard.model.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.SpecReader.ReadModel;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexedInputsTest {
  private static final String EMBEDDING = "{'type':'embedding','vocabulary':9,'dim':2}";

  private final TestPreparation preparation = new TestPreparation();

  private List<Violation> violations(String layers) {
    preparation.datasets.csv("t", "city,shop,y\nrome,0,1\noslo,3,2\nbonn,1,3\nrome,2,4\n");
    ModelSpec model =
        TestPreparation.model(
            """
            {"name": "m", "targets": {"y": {"column": "y"}},
             "inputs": {"c": {"columns": ["city"], "encode": "index"},
                        "s": {"columns": ["shop"], "encode": "index"}},
             "network": {"layers": [%s, {"type": "flatten", "name": "f"},
               {"type": "flatten", "name": "g", "inputs": ["s_embedded"]},
               {"type": "concat", "inputs": ["f", "g"]}, {"type": "dense", "units": 1}]}}
            """
                .formatted(
                    ("{'type':'embedding','name':'s_embedded','inputs':['s'],'vocabulary':9,'dim':1},"
                            + layers)
                        .replace('\'', '"')));
    Violations violations = new Violations();
    var plan =
        preparation.planner.plan(
            new Preparation(model, TestPreparation.selection("{\"name\": \"t\"}"), null),
            violations);
    var _ =
        SpecCheck.of(
            ReadModel.whole(model),
            "/model",
            Objects.requireNonNull(plan).encoding(),
            null,
            null,
            violations);
    return violations.list();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dense     | {'type':'dense','units':2,'inputs':['c'],'name':'l'}",
        "batch     | {'type':'batch_norm','inputs':['c'],'name':'l'}",
        "function  | {'type':'activation','function':'tanh','inputs':['c'],'name':'l'}",
        "sum       | {'type':'add','inputs':['c','c'],'name':'l'}",
        "lambda    | {'type':'lambda','expression':'(c / 2)[0:1]','inputs':['c'],'name':'l'}",
        "recurrent | {'type':'repeat','n':3,'inputs':['c']},{'type':'lstm','units':2,'name':'l'}"
      })
  void layersThatComputeOnIndicesAreRefused(String kind, String layers) {
    int place = kind.equals("recurrent") ? 2 : 1;
    assertThat(violations(layers))
        .containsExactly(
            new Violation(
                "/model/network/layers/" + place,
                "Layer 'l' computes on numbers, but input 'c' holds indices: let an embedding read"
                    + " it, or leave its 'encode' out"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'embedding','name':'l','vocabulary':9,'dim':1,'inputs':['s_embedded']}",
        "{'type':'dense','name':'d','units':1,'inputs':['s_embedded']},{'type':'flatten'},{'type':'embedding','name':'l','vocabulary':9,'dim':1}"
      })
  void embeddingsOfComputedValuesAreRefused(String layers) {
    assertThat(violations(layers + "," + EMBEDDING.replace("}", ",'inputs':['c']}")))
        .anySatisfy(
            fault ->
                assertThat(fault.detail())
                    .startsWith("Layer 'l' looks up whole numbers, but '")
                    .contains("computes fractions"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'slice','axis':0,'end':1,'inputs':['c']}",
        "{'type':'repeat','n':3,'inputs':['c']}",
        "{'type':'lambda','expression':'c[0:1]','inputs':['c']}",
        "{'type':'concat','inputs':['c','s']}",
        "{'type':'flatten','inputs':['c']}"
      })
  void embeddingsMayReadIndicesBehindLayersThatMoveThem(String layer) {
    assertThat(violations(layer + "," + EMBEDDING)).isEmpty();
  }
}
