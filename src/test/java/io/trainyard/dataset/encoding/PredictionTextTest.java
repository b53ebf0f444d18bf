package io.trainyard.dataset.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.json.JsonBytes;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The direct writer gives the bytes of the tree. */
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

  private final JsonMapper mapper = JsonMapper.builder().build();
  private final Random random = new Random(3);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'species':{'output':'o3','kind':'class','column':'s','type':'string','classes':['a"
            + " \\\\'b','ü','c\\n"
            + "']}",
        "'s':{'output':'o3','kind':'class','column':'s','type':'integer','classes':['1','2','10'],'logits':true}",
        "'s':{'output':'o1','kind':'class','column':'s','type':'boolean','classes':['false','true']}",
        "'s':{'output':'o1','kind':'class','column':'s','type':'number','classes':['0.5','1.5'],'logits':true}",
        "'y':" + NUMBER,
        "'y':"
            + NUMBER
            + ",'s':{'output':'o3','kind':'class','column':'s','type':'string','classes':['a','b','c']}",
        "'s':{'output':'o3','kind':'class','column':'s','type':'string','classes':['a','b','c']},'y':"
            + NUMBER
            + ",'z':{'output':'o1','kind':'class','column':'z','type':'string','classes':['no','yes']}",
        "'x':{'output':'o5','kind':'input','input':'x'}",
        "'w':{'output':'o21','kind':'input','input':'w'},'t':{'output':'o21','kind':'input','input':'t'}",
        "'h':{'output':'o21','kind':'layer','layer':'w'}",
      })
  void writesWhatTheTreeHolds(String targets) throws IOException {
    Encoding encoding =
        Encoding.fromJson(
            StrictJson.parse(
                ("{'inputs':{" + INPUTS + "},'targets':{" + targets + "}}")
                    .replace("\\\\'", "\u0001")
                    .replace('\'', '"')
                    .replace("\u0001", "'")));
    for (int rows : new int[] {1, 3, 900}) {
      Map<String, HostTensor> outputs = new LinkedHashMap<>();
      outputs.put("o1", numbers(Shape.of(rows, 1)));
      outputs.put("o3", numbers(Shape.of(rows, 3)));
      outputs.put("o5", numbers(Shape.of(rows, 5)));
      outputs.put("o21", numbers(Shape.of(rows, 2, 1)));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      JsonBytes json = new JsonBytes(bytes);
      PredictionText.Rows text = Objects.requireNonNull(encoding.text()).of(outputs);
      for (int row = 0; row < rows; row++) {
        json.raw(row == 0 ? '[' : ',');
        json.raw('{');
        text.members(row, json);
        json.raw('}');
      }
      json.raw(']');
      json.finish();

      assertThat(bytes.toString(StandardCharsets.UTF_8))
          .isEqualTo(mapper.writeValueAsString(encoding.decode(outputs, rows)));
    }
  }

  @Test
  void leavesATargetThatHidesTheProbabilitiesToTheTree() {
    String targets = "{'probabilities':" + NUMBER + "}";
    Encoding encoding =
        Encoding.fromJson(
            StrictJson.parse(("{'inputs':{},'targets':" + targets + "}").replace('\'', '"')));
    assertThat(encoding.text()).isNull();
  }

  private HostTensor numbers(Shape shape) {
    float[] elements = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < elements.length; i++) {
      elements[i] =
          switch (random.nextInt(20)) {
            case 0 -> Float.NaN;
            case 1 -> Float.POSITIVE_INFINITY;
            case 2 -> 0;
            case 3 -> (float) (random.nextGaussian() * 1e-20);
            case 4 -> random.nextInt(1_000_000);
            default -> random.nextFloat();
          };
    }
    return HostTensor.ofFloats(shape, elements);
  }
}
