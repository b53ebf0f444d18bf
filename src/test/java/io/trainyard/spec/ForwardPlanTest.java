package io.trainyard.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.ForwardPlan.RowCost;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every expected number is counted by hand, in floats of 4 bytes. */
class ForwardPlanTest {
  private static NetworkSpec network(String inputs, String layers) {
    String json = "{'name':'m','network':{'inputs':{%s},'layers':[%s]}}".formatted(inputs, layers);
    return SpecReader.model(StrictJson.parse(json.replace('\'', '"'))).network();
  }

  private static NetworkShapes shapes(NetworkSpec network) {
    Violations violations = new Violations();
    NetworkShapes shapes = ShapeInference.infer(network, network.inputs(), "", violations);
    violations.throwIfAny();
    return shapes;
  }

  private static RowCost cost(NetworkSpec network, String... wanted) {
    return ForwardPlan.of(network, List.of(wanted)).cost(shapes(network));
  }

  @Test
  void indicesHaveTwiceTheBytes() {
    NetworkSpec network =
        network(
            "'x':{'shape':[10]},'i':{'shape':[10]}",
            "{'type':'embedding','name':'e','vocabulary':5,'dim':1,'inputs':['i']},"
                + "{'type':'flatten','name':'f'},"
                + "{'type':'add','name':'y','inputs':['f','x']}");
    assertThat(cost(network, "y").inputBytes()).isEqualTo(40 + 80);
    assertThat(shapes(network).inputBytes("x")).isEqualTo(40);
    assertThat(shapes(network).inputBytes("i")).isEqualTo(80);
    // Three outputs of 10 floats, each three times; the embedding keeps its indices; one addition.
    assertThat(shapes(network).batchBytes(1)).isEqualTo(120 + 3 * 3 * 40 + 80 + 2 * 80 + 1200);
  }

  @Test
  void chainKeepsTwoValuesAtATime() {
    NetworkSpec network =
        network(
            "'x':{'shape':[10]}",
            "{'type':'dense','name':'a','units':100},{'type':'dense','name':'b','units':1000},"
                + "{'type':'dense','name':'c','units':1}");
    ForwardPlan plan = ForwardPlan.of(network, List.of("c"));
    assertThat(plan.lastReads(0)).containsExactly(0);
    assertThat(plan.lastReads(1)).containsExactly(1);
    assertThat(plan.lastReads(2)).containsExactly(2);
    RowCost cost = cost(network, "c");
    // At b: a and b live, and a copy of each may be needed for the activation or the layout.
    assertThat(cost.bytes()).isEqualTo(4 * (100 + 1000 + 100 + 1000));
    assertThat(cost.inputBytes()).isEqualTo(40);
    assertThat(cost.outputBytes()).isEqualTo(4);
    assertThat(cost.multiplyAdds()).isEqualTo(10 * 100 + 100 * 1000 + 1000 + 4 * (100 + 1000 + 1));
  }

  @Test
  void valueIsKeptForItsLastReader() {
    NetworkSpec network =
        network(
            "'x':{'shape':[8]}",
            "{'type':'dense','name':'a','units':8},{'type':'dense','name':'b','units':8},"
                + "{'type':'dense','name':'unused','units':8},"
                + "{'type':'add','name':'c','inputs':['a','b']}");
    ForwardPlan plan = ForwardPlan.of(network, List.of("c"));
    assertThat(IntStream.range(0, 4).filter(plan::needs)).containsExactly(0, 1, 3);
    assertThat(plan.lastReads(0)).containsExactly(0);
    assertThat(plan.lastReads(1)).isEmpty();
    assertThat(plan.lastReads(3)).containsExactlyInAnyOrder(1, 2);
    assertThat(ForwardPlan.of(network, List.of("c", "a:pre")).lastReads(3)).containsExactly(2);
  }

  @Test
  void reluIsAppliedToMaximaWhereNothingElseReadsIt() {
    String convolution =
        "{'type':'conv1d','name':'c','filters':2,'kernel_size':3,'activation':'%s'},";
    String maximum = "{'type':'max_pool1d','name':'m','pool_size':2},{'type':'flatten','name':'f'}";
    String mean = "{'type':'avg_pool1d','name':'m','pool_size':2},{'type':'flatten','name':'f'}";
    assertThat(reorders(convolution.formatted("relu") + maximum, "f")).isTrue();
    assertThat(reorders(convolution.formatted("tanh") + maximum, "f")).isFalse();
    assertThat(reorders(convolution.formatted("relu") + mean, "f")).isFalse();
    String learned = convolution.replace("'%s'", "{'function':'relu','learned':true}") + maximum;
    assertThat(reorders(learned, "f")).as("it may fall where its input rises").isFalse();
    assertThat(reorders(convolution.formatted("relu") + maximum, "f", "c")).isFalse();
    assertThat(reorders(convolution.formatted("relu") + maximum, "f", "c:pre")).isFalse();
    String other = ",{'type':'global_avg_pool','name':'g','inputs':['c']}";
    assertThat(reorders(convolution.formatted("relu") + maximum + other, "f")).isTrue();
    assertThat(reorders(convolution.formatted("relu") + maximum + other, "f", "g")).isFalse();
  }

  private static boolean reorders(String layers, String... wanted) {
    NetworkSpec network = network("'x':{'shape':[8,1]}", layers);
    return ForwardPlan.of(network, List.of(wanted)).activatesBehindPool(0);
  }

  @Test
  void viewKeepsTheMemoryItViews() {
    String wide = "{'type':'dense','name':'wide','units':1000},";
    String tail = "{'type':'dense','name':'d','units':500},{'type':'dense','name':'e','units':1}";
    RowCost viewed =
        cost(
            network(
                "'x':{'shape':[1]}",
                wide + "{'type':'slice','name':'s','axis':0,'start':0,'end':1}," + tail),
            "e");
    RowCost copied =
        cost(
            network("'x':{'shape':[1]}", wide + "{'type':'dense','name':'s','units':1}," + tail),
            "e");
    // At d: s, d, and copies of both; with the slice the wide value too.
    assertThat(viewed.bytes()).isEqualTo(4 * (1000 + 1 + 500 + 1 + 500));
    // At wide: x and wide, and a copy of each.
    assertThat(copied.bytes()).isEqualTo(4 * (1000 + 1 + 1000 + 1));
  }
}
