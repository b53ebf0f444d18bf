package io.trainyard.spec;

import static io.trainyard.spec.Specs.model;
import static io.trainyard.spec.Specs.modelFaults;
import static io.trainyard.spec.Specs.network;
import static io.trainyard.spec.Specs.networkText;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.TargetSpec.Source;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.RegularizerSpec;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpecReaderTest {
  private static final String IRIS =
      """
      {'name': 'iris',
       'inputs':  {'x': {'columns': ['sepal_length', 'petal_length'], 'scale': 'standard'}},
       'targets': {'species': {'column': 'species'}},
       'network': {'layers': [{'type': 'dense', 'units': 16, 'activation': 'relu'},
                              {'type': 'dense', 'units': 3, 'activation': 'softmax'}]}}
      """;

  @Test
  void fillsInEveryDefault() {
    ModelSpec iris = model(IRIS);

    assertThat(iris.name()).isEqualTo("iris");
    InputSpec x = iris.input("x");
    assertThat(x.columns()).containsExactly("sepal_length", "petal_length");
    assertThat(x.scale()).isEqualTo(ByColumn.all(new Scaling.Standard()));
    assertThat(x.impute()).isEqualTo(ByColumn.all(new Imputation.Refuse()));
    assertThat(x.encode().of("a")).isEqualTo(InputSpec.Encode.ONE_HOT);
    assertThat(x.unknown()).isEqualTo(InputSpec.Unknown.ERROR);
    assertThat(iris.network().inputNames()).containsExactly("x");
    assertThat(iris.network().layers())
        .extracting(Layer::name)
        .containsExactly("dense_1", "dense_2");
    assertThat(iris.network().layers())
        .extracting(Layer::inputs)
        .containsExactly(List.of("x"), List.of("dense_1"));
    assertThat(iris.network().layers()).allMatch(Layer::trainable);
    assertThat(iris.network().outputs()).containsExactly("dense_2");
    assertThat(iris.outputOf("species")).isEqualTo("dense_2");
    assertThat(iris.takesRawTensors()).isFalse();
  }

  @Test
  void readsEveryMemberOfInputsAndTargets() {
    ModelSpec spec =
        model(
            """
            {'name': 'm', 'inputs': {
              'a': {'columns': '*', 'encode': 'index', 'unknown': 'zeros', 'scale': {'divide': 255},
                    'impute': {'constant': -1.5}, 'shape': [28, 28, 1]},
              'b': {'column': 'img', 'shape': [3, 4], 'scale': 'minmax', 'impute': 'median'}},
             'targets': {'t': {'column': 'y', 'type': 'class', 'classes': [0, 'one', true], 'output': 'o'},
                         'u': {'columns': ['p', 'q'], 'scale': 'unit', 'output': 'v', 'shape': [2]},
                         'w': {'input': 'b', 'output': 'r'}},
             'network': {'outputs': ['o', 'v', 'r'], 'layers': [
               {'type': 'flatten', 'name': 'f', 'inputs': ['a']},
               {'type': 'dense', 'name': 'o', 'units': 3},
               {'type': 'dense', 'name': 'v', 'units': 2, 'inputs': ['f']},
               {'type': 'dense', 'name': 'r', 'units': 4, 'inputs': ['b'], 'trainable': false}]}}
            """);

    InputSpec a = spec.input("a");
    assertThat(a.takesAllColumns()).isTrue();
    assertThat(a.shape()).isEqualTo(Shape.of(28, 28, 1));
    assertThat(a.scale()).isEqualTo(ByColumn.all(new Scaling.Divide(255)));
    assertThat(a.impute()).isEqualTo(ByColumn.all(new Imputation.Constant(-1.5)));
    assertThat(a.encode().of("a")).isEqualTo(InputSpec.Encode.INDEX);
    assertThat(spec.input("b").columns()).containsExactly("img");
    assertThat(spec.target("t").classes()).containsExactly("0", "one", "true");
    assertThat(spec.target("u").source()).isEqualTo(new Source.Columns(List.of("p", "q")));
    assertThat(spec.target("w").source()).isEqualTo(new Source.Input("b"));
    assertThat(spec.network().layer("r").trainable()).isFalse();
  }

  @Test
  void readsEveryMemberOfADenseLayer() {
    ModelSpec spec =
        network(
            "[4]",
            """
            {'type': 'dense', 'units': 2, 'bias': false, 'activation': {'function': 'leaky_relu', 'alpha': 0.2},
             'initializer': {'type': 'uniform', 'min': -1, 'max': 2}, 'bias_initializer': 'ones',
             'regularizer': {'l1': 0.1, 'l2': 0.2}}
            """);

    assertThat(spec.network().layers().getFirst().spec())
        .isEqualTo(
            new CoreSpec.Dense(
                2,
                new ActivationSpec(ActivationSpec.Function.LEAKY_RELU, 0.2),
                false,
                CoreSpec.Dense.Parametrization.STANDARD,
                new WeightRules(
                    new InitializerSpec.Uniform(-1, 2),
                    new InitializerSpec.Constant(1),
                    new RegularizerSpec(0.1, 0.2))));
  }

  @Test
  void pyTorchDefaultsAlsoApplyToTheBias() {
    ModelSpec spec = network("[4]", "{'type': 'dense', 'units': 2, 'initializer': 'torch'}");

    assertThat(spec.network().layers().getFirst().spec().rules().biasInitializer())
        .isEqualTo(new InitializerSpec.Torch());
    assertThat(Specs.shapes(spec).weights())
        .extracting(WeightSpec::initializer)
        .containsOnly(new InitializerSpec.Uniform(-0.5, 0.5));
  }

  @Test
  void ordersLayersSoThatEachComesAfterWhatItReads() {
    NetworkSpec network =
        network(
                "[4]",
                "{'type': 'dense', 'name': 'last', 'units': 1, 'inputs': ['middle']}",
                "{'type': 'dense', 'name': 'middle', 'units': 2, 'inputs': ['first']}",
                "{'type': 'dense', 'name': 'first', 'units': 3, 'inputs': ['x']}")
            .network();

    assertThat(network.layers()).extracting(Layer::name).containsExactly("first", "middle", "last");
    assertThat(network.layers()).extracting(Layer::index).containsExactly(2, 1, 0);
    assertThat(network.outputs()).containsExactly("first");
  }

  @Test
  void numbersLayersPerType() {
    NetworkSpec network =
        network(
                "[4]",
                "{'type': 'dense', 'units': 1}",
                "{'type': 'dropout', 'rate': 0.5}",
                "{'type': 'dense', 'name': 'mine', 'units': 1}",
                "{'type': 'dense', 'units': 1}")
            .network();

    assertThat(network.layers())
        .extracting(Layer::name)
        .containsExactly("dense_1", "dropout_1", "mine", "dense_3");
  }

  @Test
  void reportsAllFaultsWithTheirPointers() {
    assertThat(
            modelFaults(
                """
                {'name': 'Iris!', 'colour': 1,
                 'inputs': {'x': {'columns': ['a', 'a'], 'scale': 'big'}, 'bad name': {'column': 'b'}},
                 'targets': {'outputs': {'column': 'y', 'input': 'x'}},
                 'network': {'layers': [{'type': 'dense', 'units': '16', 'activation': 'rely'},
                                        {'type': 'dens', 'units': 3},
                                        {'units': 3},
                                        {'type': 'dropout', 'rate': 1.5, 'p': 1}]}}
                """))
        .anyMatch(fault -> fault.startsWith("/name: 'Iris!' is not a model name"))
        .anyMatch(fault -> fault.startsWith("/colour: Unknown member 'colour'"))
        .anyMatch(fault -> fault.startsWith("/inputs/x/columns/1: The column 'a' is named twice"))
        .anyMatch(fault -> fault.startsWith("/inputs/x/scale: One of none, standard, minmax, unit"))
        .anyMatch(fault -> fault.startsWith("/inputs/bad name: 'bad name' cannot name an input"))
        .anyMatch(
            fault -> fault.startsWith("/targets/outputs: One of 'column', 'columns', 'input'"))
        .anyMatch(fault -> fault.startsWith("/network/layers/0/units: A whole number from 1 to"))
        .anyMatch(
            fault ->
                fault.startsWith("/network/layers/0/activation: There is no activation 'rely'"))
        .anyMatch(
            fault -> fault.startsWith("/network/layers/1/type: There is no layer type 'dens'"))
        .anyMatch(fault -> fault.startsWith("/network/layers/2/type: 'type' is required"))
        .anyMatch(
            fault -> fault.startsWith("/network/layers/3/rate: rate must be in [0, 1), was 1.5"))
        .hasSizeGreaterThanOrEqualTo(11);
  }

  @Test
  void refusedNameShowsItsForeignLettersAndOneThatFits() {
    String base =
        "cannot name a target: a letter or _ was expected, then letters, digits and _, 64 at most";
    assertThat(modelFaults(IRIS.replace("'species': {", "'Größe': {")))
        .containsExactly(
            "/targets/Größe: 'Größe' "
                + base
                + "; letters are a to z and A to Z, not 'ö', 'ß'; for example 'Groesse'");
    assertThat(modelFaults(IRIS.replace("'species': {", "'café au lait': {")))
        .containsExactly(
            "/targets/café au lait: 'café au lait' "
                + base
                + "; letters are a to z and A to Z, not 'é'; for example 'cafe_au_lait'");
    assertThat(modelFaults(IRIS.replace("'species': {", "'1st place': {")))
        .containsExactly("/targets/1st place: '1st place' " + base + "; for example '_1st_place'");
    assertThat(modelFaults(IRIS.replace("'species': {", "'价格': {")))
        .containsExactly(
            "/targets/价格: '价格' " + base + "; letters are a to z and A to Z, not '价', '格'");
  }

  @Test
  void targetsCannotHaveNamesOfAnswerMembers() {
    assertThat(modelFaults(IRIS.replace("'species': {", "'probabilities': {")))
        .containsExactly(
            "/targets/probabilities: 'probabilities' is reserved and cannot name a target");
  }

  @Test
  void unknownMembersAreRefusedEverywhere() {
    for (String place :
        List.of(
            "'columns': ['sepal_length', 'petal_length'],",
            "'column': 'species'",
            "'units': 16,",
            "'network': {")) {
      String inside = place.endsWith("{") || place.endsWith(",") ? " 'bogus': 1," : ", 'bogus': 1";
      assertThat(modelFaults(IRIS.replace(place, place + inside)))
          .as(place)
          .hasSize(1)
          .allMatch(fault -> fault.contains("/bogus: Unknown member 'bogus'"));
    }
  }

  @Test
  void cyclesAreRefusedWithThePath() {
    assertThat(
            modelFaults(
                networkText(
                    "[4]",
                    "{'type': 'dense', 'name': 'a', 'units': 1, 'inputs': ['x']}",
                    "{'type': 'dense', 'name': 'b', 'units': 1, 'inputs': ['d']}",
                    "{'type': 'dense', 'name': 'c', 'units': 1, 'inputs': ['b']}",
                    "{'type': 'dense', 'name': 'd', 'units': 1, 'inputs': ['c']}")))
        .hasSize(1)
        .allMatch(fault -> fault.endsWith("form a cycle: c → d → b → c"));
  }

  @Test
  void danglingAndClashingNamesAreRefused() {
    assertThat(
            modelFaults(
                """
                {'name': 'm', 'network': {
                 'inputs': {'x': {'shape': [4]}, 'y': {'shape': [4]}, 'w': {'shape': [4]}},
                 'outputs': ['a', 'z', 'a'], 'layers': [
                  {'type': 'dense', 'name': 'a', 'units': 1, 'inputs': ['nobody']},
                  {'type': 'dense', 'name': 'a', 'units': 1, 'inputs': ['x']},
                  {'type': 'dense', 'name': 'x', 'units': 1, 'inputs': []},
                  {'type': 'dense', 'name': '1st', 'units': 1, 'share': 'who'},
                  {'type': 'dropout', 'rate': 0.1, 'share': 'a'}]}}
                """))
        .containsExactlyInAnyOrder(
            "/network/layers/1/name: There is already a layer or input 'a'",
            "/network/layers/2/name: There is already a layer or input 'x'",
            "/network/layers/2/inputs: At least one layer or input was expected, got an empty list",
            "/network/layers/3/name: '1st' cannot name a layer: a letter or _ was expected, then"
                + " letters, digits and _, 64 at most; for example '_1st'",
            "/network/layers/0/inputs/0: There is no layer or input 'nobody'",
            "/network/layers/3/share: There is no layer 'who'",
            "/network/layers/4/share: A layer of type dropout was expected, but 'a' is of type"
                + " dense",
            // 'nobody' may mean one of them, not both.
            "/network/inputs/y: No layer reads the input 'y'",
            "/network/inputs/w: No layer reads the input 'w'",
            "/network/outputs/1: There is no layer 'z'",
            "/network/outputs/2: The output 'a' is listed twice");
  }

  @Test
  void theFirstLayerMustNameOneOfSeveralInputs() {
    assertThat(
            modelFaults(
                """
                {'name': 'm', 'network': {'inputs': {'x': {'shape': [4]}, 'y': {'shape': [4]}},
                 'layers': [{'type': 'flatten'}]}}
                """))
        .anyMatch(fault -> fault.startsWith("/network/layers/0/inputs: 'inputs' is required"));
  }

  @Test
  void aModelTakesColumnsOrTensors() {
    assertThat(modelFaults("{'name': 'm', 'network': {'layers': [{'type': 'flatten'}]}}"))
        .containsExactly(
            "/network/inputs: 'inputs' is required: of the model for columns, or here for raw"
                + " tensors");
    assertThat(
            modelFaults(
                IRIS.replace("'network': {", "'network': {'inputs': {'x': {'shape': [2]}}, ")))
        .hasSize(1)
        .allMatch(fault -> fault.startsWith("/network/inputs: The model's 'inputs' give"));
    assertThat(
            modelFaults(
                networkText("[4]", "{'type': 'flatten'}")
                    .replace("'name'", "'targets': {'t': {'column': 'y'}}, 'name'")))
        .hasSize(1)
        .allMatch(fault -> fault.startsWith("/targets: A model without 'inputs'"));
  }

  @Test
  void everyTargetNeedsAnOutput() {
    String two =
        """
        {'name': 'm', 'inputs': {'x': {'columns': '*'}},
         'targets': {'a': {'column': 'y'}, 'b': {'column': 'z', 'output': '%s'}},
         'network': {'outputs': ['a', 'c'], 'layers': [
           {'type': 'dense', 'name': 'a', 'units': 1, 'inputs': ['x']},
           {'type': 'dense', 'name': 'c', 'units': 1, 'inputs': ['x']}]}}
        """;

    assertThat(modelFaults(two.formatted("c"))).isEmpty();
    assertThat(modelFaults(two.formatted("a")))
        .containsExactly("/targets/b: The targets 'a' and 'b' train the same output 'a'");
    assertThat(modelFaults(two.formatted("d")))
        .containsExactly("/targets/b: There is no output 'd'; the outputs are [a, c]");
    assertThat(modelFaults(two.formatted("c").replace("'a': {'column'", "'e': {'column'")))
        .containsExactly(
            "/targets/e: The network has the outputs [a, c]: 'output' must say which one 'e'"
                + " trains");
  }

  @Test
  void classTargetsAreNotScaledAndHaveTwoClasses() {
    assertThat(
            modelFaults(
                IRIS.replace(
                    "'column': 'species'",
                    "'column': 'species', 'type': 'class', 'scale': 'unit', 'classes': ['a'],"
                        + " 'offset': 2")))
        .containsExactlyInAnyOrder(
            "/targets/species/classes: A list of two or more labels was expected, got a list of 1",
            "/targets/species/offset: 'offset' counts rows after a window, but no input has a"
                + " window; give an input a 'window'",
            "/targets/species/scale: A target of type class is not scaled");
  }
}
