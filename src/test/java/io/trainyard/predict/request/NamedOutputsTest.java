package io.trainyard.predict.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ServiceException;
import io.trainyard.model.VersionDefinition;
import io.trainyard.predict.TestModels;
import io.trainyard.predict.request.NamedInputs.Described;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which tensors an answer has, by the names that protocols of tensors use. */
class NamedOutputsTest {
  private static final String NUMBER =
      "{'type':'float32','shape':[1],'columns':[{'column':'%s','type':'number','scale':'none','offset':0,'span':1}]}";

  /**
   * A class with sets, a number with an interval, and one that is compared as it is, and a layer.
   */
  private static final VersionDefinition COLUMNS =
      TestModels.loaded(
              "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'kind':{'column':'k','output':'c'},"
                  + "'price':{'column':'p','output':'d'},'other':{'column':'q','output':'f'},'copy':{'layer':'h','output':'g'}},"
                  + "'network':{'layers':[{'type':'dense','name':'h','units':4,'inputs':['x']},"
                  + "{'type':'dense','name':'c','units':2,'activation':'softmax','inputs':['h']},"
                  + "{'type':'dense','name':'d','units':1,'inputs':['h']},"
                  + "{'type':'dense','name':'f','units':3,'inputs':['h']},"
                  + "{'type':'dense','name':'g','units':4,'inputs':['h']}],'outputs':['c','d','f','g']}}",
              "{'inputs':{'x':"
                  + NUMBER.formatted("a")
                  + "},'targets':{'kind':{'output':'c','kind':'class','column':'k','type':'string','classes':['no','yes'],"
                  + "'intervals':{'coverage':0.9,'rows':20,'score':0.8}},"
                  + "'price':{'output':'d','kind':'number','values':"
                  + NUMBER.formatted("p")
                  + ",'intervals':{'coverage':0.9,'rows':20,'half_widths':[2]}},"
                  + "'other':{'output':'f','kind':'raw','values':"
                  + NUMBER.formatted("q")
                  + "},'copy':{'output':'g','kind':'layer','layer':'h'}}}")
          .definition();

  private static final VersionDefinition TENSORS =
      TestModels.loaded(
              "{'name':'m','network':{'inputs':{'x':{'shape':[2]}},'layers':["
                  + "{'type':'dense','name':'h','units':4},{'type':'dense','name':'o','units':3}]}}",
              null)
          .definition();

  private static void refuses(List<String> asked, String pointer, String why) {
    assertThatThrownBy(() -> NamedOutputs.of(COLUMNS, asked))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.violations().getFirst().pointer()).isEqualTo(pointer);
              assertThat(e.violations().getFirst().detail()).contains(why);
            });
  }

  @Test
  void aModelOfColumnsGivesItsTargetsAndHowSureTheyAre() {
    assertThat(NamedOutputs.describe(COLUMNS))
        .containsExactly(
            new Described("kind", null, Shape.of(1)),
            new Described("kind_probabilities", ElementType.FLOAT32, Shape.of(2)),
            new Described("price", ElementType.FLOAT32, Shape.of(1)),
            new Described("other", ElementType.FLOAT32, Shape.of(3)),
            new Described("copy", ElementType.FLOAT32, Shape.of(4)),
            new Described("kind_set", ElementType.BOOL, Shape.of(2)),
            new Described("price_interval", ElementType.FLOAT32, Shape.of(2)));
  }

  @Test
  void aModelOfTensorsGivesTheOutputsOfItsNetwork() {
    assertThat(NamedOutputs.describe(TENSORS))
        .containsExactly(new Described("o", ElementType.FLOAT32, Shape.of(3)));
    assertThat(NamedOutputs.of(TENSORS, List.of("h", "o")).layers()).containsExactly("h");
    HostTensor o = HostTensor.ofFloats(Shape.of(1, 3), 1, 2, 3);
    assertThat(NamedOutputs.of(TENSORS, List.of()).of(TENSORS, Map.of("o", o), 1))
        .containsExactly(new NamedTensor.Numbers("o", o));
  }

  @Test
  void outputsAreAskedForOnceAndByNamesThatThereAre() {
    assertThat(NamedOutputs.of(COLUMNS, List.of("h", "price")).layers()).containsExactly("h");
    refuses(List.of("price", "price"), "/outputs/1", "'price' is asked for twice");
    refuses(
        List.of("price", "cost"),
        "/outputs/1",
        "The model has no output 'cost'; it has kind, kind_probabilities, price,");
  }

  @Test
  void onlyWhatIsAskedForIsAnswered() {
    HostTensor layer = HostTensor.ofFloats(Shape.of(2, 4), 1, 2, 3, 4, 5, 6, 7, 8);
    Map<String, HostTensor> outputs =
        Map.of(
            "c",
            HostTensor.ofFloats(Shape.of(2, 2), 0.9f, 0.1f, 0.25f, 0.75f),
            "d",
            HostTensor.ofFloats(Shape.of(2, 1), 10, 20),
            "f",
            HostTensor.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6),
            "h",
            layer);
    List<NamedTensor> answers =
        NamedOutputs.of(COLUMNS, List.of("price_interval", "h", "kind")).of(COLUMNS, outputs, 2);
    assertThat(answers)
        .extracting(NamedTensor::name)
        .containsExactly("price_interval", "h", "kind");
    assertThat(((NamedTensor.Numbers) answers.getFirst()).tensor().toFloats())
        .containsExactly(8, 12, 18, 22);
    assertThat(answers.get(1)).isEqualTo(new NamedTensor.Numbers("h", layer));
    assertThat(((NamedTensor.Texts) answers.getLast()).elements()).containsExactly("no", "yes");
  }
}
