package io.trainyard.predict.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.json.StrictJson;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Numbers of a row's elements come back under the columns that they are of. */
class ColumnNumbersTest {
  private static final String NUMBER =
      "{'column':'%s','type':'number','scale':'none','impute':'error','offset':0,'span':1}";
  private static final String COLOR =
      "{'column':'color','type':'string','encode':'one_hot','unknown':'zeros','categories':['red','blue']}";

  private static InputEncoding input(String shape, String more, String columns) {
    Encoding encoding =
        Encoding.fromJson(
            StrictJson.parse(
                """
                {'inputs':{'x':{'type':'float32','shape':%s%s,'columns':[%s]}},
                 'targets':{'y':{'output':'o','kind':'class','column':'y','type':'string','classes':['no','yes']}}}
                """
                    .formatted(shape, more, columns)
                    .replace('\'', '"')));
    return Objects.requireNonNull(encoding.inputs().get("x"));
  }

  private static String json(String json) {
    return json.replace('\'', '"');
  }

  @Test
  void aCategoryHasANumberForEachNameOrTheirSum() {
    InputEncoding input = input("[3]", "", NUMBER.formatted("a") + "," + COLOR);
    double[] numbers = {1.5, 0.25, 0.5};
    assertThat(ColumnNumbers.of(input, numbers, false))
        .hasToString(json("{'a':1.5,'color':{'red':0.25,'blue':0.5}}"));
    assertThat(ColumnNumbers.of(input, numbers, true)).hasToString(json("{'a':1.5,'color':0.75}"));
  }

  @Test
  void aWindowHasOneNumberForEachOfItsRows() {
    InputEncoding input =
        input(
            "[2, 3]",
            ",'window':{'length':2,'stride':1,'group':null,'order_by':'time'}",
            NUMBER.formatted("a") + "," + COLOR);
    assertThat(ColumnNumbers.of(input, new double[] {1, 2, 3, 4, 5, 6}, true))
        .hasToString(json("{'a':[1.0,4.0],'color':[5.0,11.0]}"));
  }

  @Test
  void aTensorHasTheNestedListsOfItsShape() {
    String tensor =
        "{'column':'t','type':'tensor','shape':[2,3],'scale':'none','impute':'error','offset':0,'span':1}";
    assertThat(
            ColumnNumbers.of(input("[2, 3]", "", tensor), new double[] {1, 2, 3, 4, 5, 6}, false))
        .hasToString(json("{'t':[[1.0,2.0,3.0],[4.0,5.0,6.0]]}"));
  }

  /** The network reads [channels, …] and the column is […, channels]. */
  @Test
  void aTensorWhoseChannelsWereMovedIsTheColumnAgain() {
    String image =
        "{'column':'t','type':'tensor','shape':[1,2,3],'scale':'none','impute':'error','offset':0,'span':1}";
    InputEncoding moved = input("[3, 1, 2]", ",'layout':'channels_last'", image);
    assertThat(ColumnNumbers.of(moved, new double[] {1, 2, 3, 4, 5, 6}, false))
        .hasToString(json("{'t':[[[1.0,3.0,5.0],[2.0,4.0,6.0]]]}"));
  }
}
