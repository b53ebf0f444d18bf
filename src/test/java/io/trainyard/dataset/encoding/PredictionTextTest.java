package io.trainyard.dataset.encoding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.json.JsonBytes;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each kind of target is written as. */
class PredictionTextTest {
  private static final String INPUTS =
      "'x':{'type':'float32','shape':[5],'columns':[{'column':'n"
          + " \\\\'q','type':'number','scale':'standard','impute':'error','offset':1.5,'span':3},"
          + "{'column':'grün','type':'string','encode':'one_hot','unknown':'error','categories':['r','g','b']},"
          + "{'column':'k','type':'number','scale':'none','impute':'error','offset':0,'span':1}]},"
          + "'w':{'type':'float32','shape':[2,1],'window':{'length':2,'stride':1,'group':null,'order_by':null},'columns':["
          + "{'column':'load','type':'number','scale':'none','impute':'error','offset':0,'span':1}]},"
          + "'t':{'type':'float32','shape':[2,1],'layout':'channels_first','columns':["
          + "{'column':'image','type':'tensor','shape':[1,2],'scale':{'divide':4},'impute':'error','offset':0,'span':4}]}";

  private static final String NUMBER =
      "{'output':'o1','kind':'number','values':{'type':'float32','shape':[1],'columns':["
          + "{'column':'price','type':'number','scale':'standard','impute':'error','offset':-2,'span':0.1}]}}";

  private static final float[] SOME = {
    0.75f, Float.NaN, 478631f, 0.1f, Float.NEGATIVE_INFINITY, -2.1573395E-20f, 0, 0.6f, 12.5f
  };

  static Stream<Arguments> predictions() {
    return Stream.of(
        Arguments.of(
            "'species':{'output':'o3','kind':'class','column':'s','type':'string','classes':['a"
                + " \\\\'b','ü','c\\n"
                + "']}",
            "[{\"species\":\"a 'b\",\"probabilities\":{\"a 'b\":478631.0,\"ü\":0.6,\"c\\n\":0.1}},{\"species\":\"a 'b\",\"probabilities\":{\"a 'b\":12.5,\"ü\":\"-Infinity\",\"c\\n\":0.75}},{\"species\":\"c\\n\",\"probabilities\":{\"a 'b\":-2.1573395E-20,\"ü\":\"NaN\",\"c\\n\":0.0}},{\"species\":\"a 'b\",\"probabilities\":{\"a 'b\":478631.0,\"ü\":0.6,\"c\\n\":0.1}}]"),
        Arguments.of(
            "'s':{'output':'o3','kind':'class','column':'s','type':'integer','classes':['1','2','10'],'logits':true}",
            "[{\"s\":1,\"probabilities\":{\"1\":1.0,\"2\":0.0,\"10\":0.0}},{\"s\":1,\"probabilities\":{\"1\":0.99999213,\"2\":0.0,\"10\":7.889263E-6}},{\"s\":10,\"probabilities\":{\"1\":\"NaN\",\"2\":\"NaN\",\"10\":\"NaN\"}},{\"s\":1,\"probabilities\":{\"1\":1.0,\"2\":0.0,\"10\":0.0}}]"),
        Arguments.of(
            "'s':{'output':'o1','kind':'class','column':'s','type':'boolean','classes':['false','true']}",
            "[{\"s\":true,\"probabilities\":{\"false\":-478630.0,\"true\":478631.0}},{\"s\":true,\"probabilities\":{\"false\":0.39999998,\"true\":0.6}},{\"s\":false,\"probabilities\":{\"false\":0.9,\"true\":0.1}},{\"s\":true,\"probabilities\":{\"false\":-11.5,\"true\":12.5}}]"),
        Arguments.of(
            "'s':{'output':'o1','kind':'class','column':'s','type':'number','classes':['0.5','1.5'],'logits':true}",
            "[{\"s\":1.5,\"probabilities\":{\"0.5\":0.0,\"1.5\":1.0}},{\"s\":1.5,\"probabilities\":{\"0.5\":0.3543437,\"1.5\":0.6456563}},{\"s\":1.5,\"probabilities\":{\"0.5\":0.47502083,\"1.5\":0.5249792}},{\"s\":1.5,\"probabilities\":{\"0.5\":3.7550926E-6,\"1.5\":0.99999624}}]"),
        Arguments.of(
            "'y':" + NUMBER,
            "[{\"y\":47861.100000000006},{\"y\":-1.9399999976158142},{\"y\":-1.9899999998509883},{\"y\":-0.75}]"),
        Arguments.of(
            "'y':"
                + NUMBER
                + ",'s':{'output':'o3','kind':'class','column':'s','type':'string','classes':['a','b','c']}",
            "[{\"y\":47861.100000000006,\"s\":\"a\",\"probabilities\":{\"a\":478631.0,\"b\":0.6,\"c\":0.1}},{\"y\":-1.9399999976158142,\"s\":\"a\",\"probabilities\":{\"a\":12.5,\"b\":\"-Infinity\",\"c\":0.75}},{\"y\":-1.9899999998509883,\"s\":\"c\",\"probabilities\":{\"a\":-2.1573395E-20,\"b\":\"NaN\",\"c\":0.0}},{\"y\":-0.75,\"s\":\"a\",\"probabilities\":{\"a\":478631.0,\"b\":0.6,\"c\":0.1}}]"),
        Arguments.of(
            "'s':{'output':'o3','kind':'class','column':'s','type':'string','classes':['a','b','c']},'y':"
                + NUMBER
                + ",'z':{'output':'o1','kind':'class','column':'z','type':'string','classes':['no','yes']}",
            "[{\"s\":\"a\",\"probabilities\":{\"s\":{\"a\":478631.0,\"b\":0.6,\"c\":0.1},\"z\":{\"no\":-478630.0,\"yes\":478631.0}},\"y\":47861.100000000006,\"z\":\"yes\"},{\"s\":\"a\",\"probabilities\":{\"s\":{\"a\":12.5,\"b\":\"-Infinity\",\"c\":0.75},\"z\":{\"no\":0.39999998,\"yes\":0.6}},\"y\":-1.9399999976158142,\"z\":\"yes\"},{\"s\":\"c\",\"probabilities\":{\"s\":{\"a\":-2.1573395E-20,\"b\":\"NaN\",\"c\":0.0},\"z\":{\"no\":0.9,\"yes\":0.1}},\"y\":-1.9899999998509883,\"z\":\"no\"},{\"s\":\"a\",\"probabilities\":{\"s\":{\"a\":478631.0,\"b\":0.6,\"c\":0.1},\"z\":{\"no\":-11.5,\"yes\":12.5}},\"y\":-0.75,\"z\":\"yes\"}]"),
        Arguments.of(
            "'x':{'output':'o5','kind':'input','input':'x'}",
            "[{\"x\":{\"n 'q\":1435894.5,\"grün\":\"b\",\"k\":\"-Infinity\"}},{\"x\":{\"n 'q\":3.75,\"grün\":\"b\",\"k\":478631.0}},{\"x\":{\"n 'q\":3.3000000715255737,\"grün\":\"g\",\"k\":0.75}},{\"x\":{\"n 'q\":1.5,\"grün\":\"r\",\"k\":0.6}}]"),
        Arguments.of(
            "'w':{'output':'o21','kind':'input','input':'w'},'t':{'output':'o21','kind':'input','input':'t'}",
            "[{\"w\":{\"load\":[0.1,12.5]},\"t\":{\"image\":[[0.4000000059604645,50.0]]}},{\"w\":{\"load\":[\"-Infinity\",0.75]},\"t\":{\"image\":[[\"-Infinity\",3.0]]}},{\"w\":{\"load\":[-2.1573395E-20,\"NaN\"]},\"t\":{\"image\":[[-8.629358176480591E-20,\"NaN\"]]}},{\"w\":{\"load\":[0.0,478631.0]},\"t\":{\"image\":[[0.0,1914524.0]]}}]"),
        Arguments.of(
            "'h':{'output':'o21','kind':'layer','layer':'w'}",
            "[{\"h\":[[0.1],[12.5]]},{\"h\":[[\"-Infinity\"],[0.75]]},{\"h\":[[-2.1573395E-20],[\"NaN\"]]},{\"h\":[[0.0],[478631.0]]}]"));
  }

  @ParameterizedTest
  @MethodSource("predictions")
  void writesEachTargetAsItIsTold(String targets, String predictions) {
    int rows = 4;
    Map<String, HostTensor> outputs = new LinkedHashMap<>();
    outputs.put("o1", numbers(Shape.of(rows, 1)));
    outputs.put("o3", numbers(Shape.of(rows, 3)));
    outputs.put("o5", numbers(Shape.of(rows, 5)));
    outputs.put("o21", numbers(Shape.of(rows, 2, 1)));
    PredictionText.Rows written = encoding(targets).text().of(outputs);
    List<String> objects = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      int each = row;
      objects.add(new String(JsonBytes.of(json -> written.write(each, json)), UTF_8));
      assertThat(written.tree(row)).hasToString(objects.getLast());
    }

    assertThat("[" + String.join(",", objects) + "]").isEqualTo(predictions);
  }

  @Test
  void aTargetNamedAsTheProbabilitiesRepeatsTheirMemberAndTheLastOneCounts() {
    String own = "'probabilities':" + NUMBER;
    assertThat(encoding(own).text().repeatsMember()).isFalse();
    String s =
        "'s':{'output':'o3','kind':'class','column':'s','type':'string','classes':['a','b','c']}";
    PredictionText text = encoding(s + "," + own).text();
    assertThat(text.repeatsMember()).isTrue();
    Map<String, HostTensor> outputs =
        Map.of(
            "o1", HostTensor.ofFloats(Shape.of(1, 1), 20),
            "o3", HostTensor.ofFloats(Shape.of(1, 3), 0.25f, 0.5f, 0.25f));
    assertThat(text.of(outputs).tree(0)).hasToString("{\"s\":\"b\",\"probabilities\":0.0}");
    assertThat(encoding(own + "," + s).text().of(outputs).tree(0))
        .hasToString("{\"probabilities\":{\"a\":0.25,\"b\":0.5,\"c\":0.25},\"s\":\"b\"}");
  }

  private static Encoding encoding(String targets) {
    return Encoding.fromJson(
        StrictJson.parse(
            ("{'inputs':{" + INPUTS + "},'targets':{" + targets + "}}")
                .replace("\\\\'", "\u0001")
                .replace('\'', '"')
                .replace("\u0001", "'")));
  }

  private static HostTensor numbers(Shape shape) {
    float[] elements = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = SOME[(5 * i + shape.rank()) % SOME.length];
    }
    return HostTensor.ofFloats(shape, elements);
  }
}
