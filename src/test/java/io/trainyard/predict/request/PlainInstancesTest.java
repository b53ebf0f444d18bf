package io.trainyard.predict.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.InMemoryDatasets;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.TestModels;
import io.trainyard.predict.analysis.TrainingMeans;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.image.ImageMemory;
import io.trainyard.tensor.image.ImageRows;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The fast reader beside the strict one: the same tensors, or it leaves the body alone. */
class PlainInstancesTest {
  private static final String NETWORK =
      "{'name':'m','inputs':%s,'targets':{'y':{'column':'y'}},'network':{'layers':[%s]}}";

  private static final LoadedModel NUMBERS =
      TestModels.loaded(
          NETWORK.formatted("{'x':{'columns':['a','b c','ä']}}", "{'type':'dense','units':1}"),
          "{'inputs':{'x':{'type':'float32','shape':[3],'columns':["
              + "{'column':'a','type':'number','scale':'standard','impute':'error','offset':1.5,'span':3},{'column':'b"
              + " c','type':'integer','scale':'none','impute':'error','offset':0,'span':1},"
              + "{'column':'ä','type':'number','scale':'none','impute':{'constant':7},'offset':0,'span':1,'fill':7}"
              + "]}},'targets':{'y':{'output':'dense_1','kind':'number','values':"
              + "{'type':'float32','shape':[1],'columns':[{'column':'y','type':'number','scale':'none','impute':'error','offset':0,'span':1}]}}}}",
          "id",
          "größe");

  private static final LoadedModel MIXED =
      TestModels.loaded(
          NETWORK.formatted(
              "{'x':{'columns':['a','color','flag','code']},'w':{'columns':['load','kind'],'window':{'length':3}},'t':{'column':'image'}}",
              "{'type':'flatten','name':'f','inputs':['w']},{'type':'flatten','name':'g','inputs':['t']},"
                  + "{'type':'concat','name':'c','inputs':['x','f','g']},{'type':'dense','name':'o','units':1,'inputs':['c']}"),
          "{'inputs':{'x':{'type':'float32','shape':[9],'columns':["
              + "{'column':'a','type':'number','scale':'none','impute':'error','offset':0,'span':1},"
              + "{'column':'color','type':'string','encode':'one_hot','unknown':'error','categories':['red','grün','a\\\\b']},"
              + "{'column':'flag','type':'boolean','encode':'one_hot','unknown':'zeros','categories':['false','true']},"
              + "{'column':'code','type':'integer','encode':'one_hot','unknown':'zeros','categories':['-3','0','12']}]},"
              + "'w':{'type':'float32','shape':[3,3],'window':{'length':3,'stride':1,'group':null,'order_by':'time'},'columns':["
              + "{'column':'load','type':'number','scale':'standard','impute':'mean','offset':2,'span':0.5,'fill':2},"
              + "{'column':'kind','type':'string','encode':'one_hot','unknown':'zeros','categories':['p','q']}]},"
              + "'t':{'type':'float32','shape':[2,2],'columns':["
              + "{'column':'image','type':'tensor','shape':[2,2],'scale':{'divide':4},'impute':'error','offset':0,'span':4}]}},"
              + "'targets':{'y':{'output':'o','kind':'class','column':'y','type':'string','classes':['no','yes']}}}");

  private static final LoadedModel INDICES =
      TestModels.loaded(
          NETWORK.formatted(
              "{'x':{'columns':['word']},'z':{'columns':['n']}}",
              "{'type':'embedding','name':'e','vocabulary':3,'dim':1,'inputs':['x']},{'type':'flatten','name':'f','inputs':['e']},"
                  + "{'type':'embedding','name':'d','vocabulary':3,'dim':1,'inputs':['z']},{'type':'flatten','name':'g','inputs':['d']},"
                  + "{'type':'concat','name':'c','inputs':['f','g']},{'type':'dense','name':'o','units':1,'inputs':['c']}"),
          "{'inputs':{'x':{'type':'int64','shape':[1],'columns':["
              + "{'column':'word','type':'string','encode':'index','unknown':'zeros','categories':['a','b','c']}]},"
              + "'z':{'type':'int64','shape':[1],'columns':["
              + "{'column':'n','type':'integer','scale':'none','impute':'error','offset':0,'span':1}]}},"
              + "'targets':{'y':{'output':'o','kind':'class','column':'y','type':'string','classes':['no','yes']}}}");

  private static final LoadedModel TENSORS =
      TestModels.loaded(
          "{'name':'m','network':{'inputs':{'x':{'shape':[2,3]}},'layers':["
              + "{'type':'flatten'},{'type':'dense','units':1}]}}",
          null);

  private static final LoadedModel DEEP =
      TestModels.loaded(
          "{'name':'m','network':{'inputs':{'x':{'shape':[2,3,2]}},'layers':["
              + "{'type':'flatten'},{'type':'dense','units':1}]}}",
          null);

  /** Two inputs read the same column. */
  private static final LoadedModel SHARED =
      TestModels.loaded(
          NETWORK.formatted(
              "{'t':{'column':'image'},'u':{'column':'image'}}",
              "{'type':'add','name':'s','inputs':['t','u']},{'type':'flatten'},"
                  + "{'type':'dense','name':'o','units':1}"),
          "{'inputs':{'t':{'type':'float32','shape':[2,2],'columns':["
              + "{'column':'image','type':'tensor','shape':[2,2],'scale':{'divide':4},'impute':'error','offset':0,'span':4}]},"
              + "'u':{'type':'float32','shape':[2,2],'columns':["
              + "{'column':'image','type':'tensor','shape':[2,2],'scale':'none','impute':'error','offset':0,'span':1}]}}"
              + ",'targets':{'y':{'output':'o','kind':'class','column':'y','type':'string','classes':['no','yes']}}}");

  private static final LoadedModel TWO =
      TestModels.loaded(
          "{'name':'m','network':{'inputs':{'p':{'shape':[2]},'q':{'shape':[2]}},'layers':["
              + "{'type':'add','inputs':['p','q']}]}}",
          null);

  private static final LoadedModel ONE =
      TestModels.loaded(
          "{'name':'m','network':{'inputs':{'x':{'shape':[1]}},'layers':["
              + "{'type':'dense','units':1}]}}",
          null);

  private static final String TARGET =
      ",'targets':{'y':{'output':'o','kind':'class','column':'y','type':'string','classes':['no','yes']}}}";

  private static final LoadedModel ONLY =
      TestModels.loaded(
          NETWORK.formatted("{'x':{'columns':['v']}}", "{'type':'dense','name':'o','units':1}"),
          "{'inputs':{'x':{'type':'float32','shape':[1],'columns':["
              + "{'column':'v','type':'number','scale':'none','impute':'error','offset':0,'span':1}]}}"
              + TARGET);

  private static final LoadedModel SERIES =
      TestModels.loaded(
          NETWORK.formatted(
              "{'w':{'columns':['load','kind'],'window':{'length':3}}}",
              "{'type':'flatten'},{'type':'dense','name':'o','units':1}"),
          "{'inputs':{'w':{'type':'float32','shape':[3,3],'window':{'length':3,'stride':1,'group':null,'order_by':'time'},'columns':["
              + "{'column':'load','type':'number','scale':'standard','impute':'mean','offset':2,'span':0.5,'fill':2},"
              + "{'column':'kind','type':'string','encode':'one_hot','unknown':'zeros','categories':['p','q']}]}}"
              + TARGET);

  private static final LoadedModel PICTURES =
      TestModels.loaded(
          NETWORK.formatted(
              "{'t':{'column':'image'}}",
              "{'type':'flatten'},{'type':'dense','name':'o','units':1}"),
          "{'inputs':{'t':{'type':'float32','shape':[2,2],'columns':["
              + "{'column':'image','type':'tensor','shape':[2,2],'scale':{'divide':4},'impute':'error','offset':0,'span':4}]}}"
              + TARGET);

  private static final InMemoryDatasets DATASETS = new InMemoryDatasets();

  private final ImageRows images = new ImageRows(new ImageMemory(1 << 20));

  @Test
  void readsNumbersAsTheStrictReaderDoes() {
    compare(
        NUMBERS,
        0.6,
        random ->
            object(
                random,
                "\"a\":" + number(random),
                "\"b c\":" + pick(random, "3", "-0", "17.0", "1e3", number(random)),
                maybe(random, 4, "\"ä\":" + pick(random, "null", number(random))),
                maybe(random, 3, "\"y\":" + pick(random, "1", "\"n\"", "null", "true")),
                maybe(random, 3, "\"id\":" + pick(random, "1", "\"n\"", "null", "true")),
                maybe(random, 30, "\"größe\":" + pick(random, "[1,[2]]", "{\"a\":1}", "-1e9"))));
  }

  @Test
  void columnsThatAreNotReadMayHoldAnything() {
    assertAlike(
        NUMBERS,
        "[1, 2, 3]",
        "{\"a\": 1, \"id\": %s, \"b c\": 2, \"ä\": 3}"
            .formatted(Collections.nCopies(5_000, "{\"a\":1}")));
    assertFault(NUMBERS, "{\"a\": 1, \"b c\": 2, \"ids\": 3}", "/instances/0/ids", "Unknown");
  }

  @Test
  void readsCategoriesWindowsAndTensorsAsTheStrictReaderDoes() {
    compare(
        MIXED,
        0.3,
        random ->
            object(
                random,
                "\"a\":" + number(random),
                "\"color\":" + rarely(random, "\"a\\\\b\"", pick(random, "\"red\"", "\"grün\"")),
                "\"flag\":" + pick(random, "true", "false"),
                "\"code\":" + rarely(random, "12.0", pick(random, "12", "0", "-3", "5")),
                "\"load\":" + list(random, 3, PlainInstancesTest::number),
                "\"kind\":"
                    + list(
                        random, 3, r -> rarely(r, "\"ö\"", pick(r, "\"p\"", "\"q\"", "\"other\""))),
                "\"image\":" + list(random, 2, r -> list(r, 2, PlainInstancesTest::number)),
                maybe(random, 3, "\"time\":\"2026-11-26\""),
                maybe(random, 3, "\"y\":\"no\"")));
  }

  @Test
  void readsIndicesAsTheStrictReaderDoes() {
    compare(
        INDICES,
        0.5,
        random ->
            object(
                random,
                "\"word\":" + pick(random, "\"a\"", "\"c\"", "\"unknown\""),
                "\"n\":" + pick(random, "0", "1", "2", "-7", "2.0", "9007199254740993")));
  }

  @Test
  void readsTensorsAsTheStrictReaderDoes() {
    Function<Random, String> tensor =
        random -> list(random, 2, r -> list(r, 3, PlainInstancesTest::number));
    compare(
        TENSORS,
        0.7,
        random ->
            random.nextInt(4) == 0 ? "{\"x\":" + tensor.apply(random) + "}" : tensor.apply(random));
    compare(
        TWO,
        0.7,
        random ->
            object(
                random,
                "\"p\":" + list(random, 2, PlainInstancesTest::number),
                "\"q\":" + list(random, 2, PlainInstancesTest::number)));
  }

  @Test
  void readsTensorsOfMoreAxesOrMoreInputsAsTheStrictReaderDoes() {
    compare(
        DEEP,
        0.6,
        random -> list(random, 2, r -> list(r, 3, q -> list(q, 2, PlainInstancesTest::number))));
    compare(
        SHARED,
        0.6,
        random ->
            "{\"image\":%s}"
                .formatted(list(random, 2, r -> list(r, 2, PlainInstancesTest::number))));
  }

  @Test
  void readsArraysInColumnOrderAsTheStrictReaderDoes() {
    compare(
        NUMBERS,
        0.6,
        random ->
            "[%s,%s, %s]"
                .formatted(
                    number(random),
                    pick(random, "3", "-0", "17.0", "1e3"),
                    pick(random, "null", number(random))));
    compare(
        INDICES,
        0.5,
        random ->
            "[%s,%s]".formatted(pick(random, "\"a\"", "\"c\""), pick(random, "0", "1", "-7")));
    compare(
        ONE,
        0.7,
        random ->
            pick(random, "%s", "[%s]", "{\"x\":%s}", "{\"x\":[%s]}").formatted(number(random)));
    compare(ONLY, 0.6, random -> pick(random, "%s", "[%s]").formatted(number(random)));
    compare(PICTURES, 0.7, random -> list(random, 2, r -> list(r, 2, PlainInstancesTest::number)));
  }

  @Test
  void anArrayIsTheObjectOfItsColumns() {
    assertAlike(NUMBERS, "[1.25, -3, null]", "{\"ä\": null, \"b c\": -3, \"a\": 1.25}");
    assertAlike(INDICES, "[\"c\", 2]", "{\"word\": \"c\", \"n\": 2}");
    assertAlike(ONLY, "7", "{\"v\": 7}");
    assertAlike(
        SERIES,
        "[[1, \"p\"], [2, \"q\"], [4, \"p\"]]",
        "{\"load\": [1, 2, 4], \"kind\": [\"p\", \"q\", \"p\"]}");
    assertAlike(PICTURES, "[[1, 2], [3, 4]]", "{\"image\": [[1, 2], [3, 4]]}");
  }

  @Test
  void aFaultOfAnArrayHasItsPlace() {
    assertFault(NUMBERS, "[1, 2]", "/instances/0", "a list of 3 values in the order a, b c, ä");
    assertFault(NUMBERS, "3", "/instances/0", "got 3");
    assertFault(NUMBERS, "[1, 2.5, 3], [1, \"2\", 3]", "/instances/1/1", "number");
    assertFault(NUMBERS, "[1, 2, 3], [null, 2, 3]", "/instances/1/0", "'a' has no value");
    assertFault(NUMBERS, "[1e40, 2, 3]", "/instances/0/0", "1.0E40");
    assertFault(SERIES, "[[1, \"p\"], [2, \"q\"]]", "/instances/0", "the last 3 rows");
    assertFault(SERIES, "[[1, \"p\"], [2], [4, \"p\"]]", "/instances/0", "Row 1");
    assertFault(SERIES, "[[1, \"p\"], [2, 3], [4, \"p\"]]", "/instances/0/1/1", "string");
    assertFault(MIXED, "[1, 2, 3]", "/instances/0", "An object by column");
    assertFault(ONLY, "\"a\"", "/instances/0", "number");
    assertFault(ONLY, "[\"a\"]", "/instances/0/0", "number");
    assertFault(PICTURES, "[[1, 2], [3]]", "/instances/0/1", "A list of 2");
  }

  private void assertAlike(LoadedModel model, String array, String object) {
    Map<String, HostTensor> expected = strict(model, body(object));
    assertThat(expected).as(object).isNotNull();
    Map<String, HostTensor> given = strict(model, body(array));
    assertThat(given).as(array).isNotNull();
    assertEqual(Objects.requireNonNull(given), Objects.requireNonNull(expected), array);
  }

  private void assertFault(LoadedModel model, String instances, String pointer, String detail) {
    assertThatThrownBy(() -> request(body(instances)).strict(model, TestModels.memory(false)))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.violations().getFirst().pointer()).isEqualTo(pointer);
              assertThat(e.violations().getFirst().detail()).contains(detail);
            });
  }

  private static byte[] body(String instances) {
    return ("{\"instances\":[" + instances + "]}").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads random bodies, some of them damaged, with both readers.
   *
   * @param share how many of the bodies that are valid the fast reader must read itself
   */
  private void compare(LoadedModel model, double share, Function<Random, String> instance) {
    int valid = 0;
    int fast = 0;
    for (int i = 0; i < 1_000; i++) {
      Random random = new Random(i);
      int rows = i % 250 == 0 ? 1_200 : 1 + random.nextInt(4);
      String text =
          IntStream.range(0, rows)
              .mapToObj(_ -> space(random) + instance.apply(random))
              .collect(Collectors.joining(",", "{\"instances\":[", "]}"));
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      boolean damaged = i % 3 == 0;
      for (int flips = damaged ? 1 + random.nextInt(2) : 0; flips > 0; flips--) {
        body[random.nextInt(body.length)] =
            pick(random, "\"", "{", "}", "[", "]", ",", "0", "-", "e", ".", "\\", "\u0001", "é")
                .getBytes(StandardCharsets.UTF_8)[0];
      }
      Map<String, HostTensor> expected = strict(model, body);
      Map<String, HostTensor> given =
          PlainInstances.read(body, model, TestModels.memory(i % 2 == 0));
      String what =
          i + ": " + (text.length() < 500 ? new String(body, StandardCharsets.UTF_8) : "");
      if (given != null) {
        assertThat(expected).as(what).isNotNull();
        assertEqual(given, Objects.requireNonNull(expected), what);
      }
      valid += expected == null ? 0 : 1;
      fast += given == null ? 0 : 1;
    }
    assertThat(valid).isGreaterThan(500);
    assertThat((double) fast / valid).as("the share that is read fast").isGreaterThan(share);
  }

  private static void assertEqual(
      Map<String, HostTensor> given, Map<String, HostTensor> expected, String what) {
    assertThat(given).as(what).containsOnlyKeys(expected.keySet());
    expected.forEach(
        (name, tensor) -> {
          HostTensor own = Objects.requireNonNull(given.get(name));
          assertThat(own.shape()).as(what).isEqualTo(tensor.shape());
          assertThat(own.type()).as(what).isEqualTo(tensor.type());
          assertThat(own.data().mismatch(tensor.data())).as(what).isEqualTo(-1);
        });
  }

  private @Nullable Map<String, HostTensor> strict(LoadedModel model, byte[] body) {
    try {
      return request(body).strict(model, TestModels.memory(false));
    } catch (ServiceException e) {
      return null;
    }
  }

  private JsonRequest request(byte[] body) {
    return new JsonRequest(
        body, null, false, Set.of(), images, new TrainingMeans(DATASETS, DATASETS));
  }

  /** Members in order, or not. */
  private static String object(Random random, String... members) {
    List<String> given = new ArrayList<>(List.of(members));
    given.removeIf(String::isEmpty);
    if (random.nextInt(3) == 0) {
      Collections.shuffle(given, random);
    }
    return "{" + space(random) + String.join(space(random) + ",", given) + "}";
  }

  private static String list(Random random, int length, Function<Random, String> element) {
    return IntStream.range(0, length)
        .mapToObj(_ -> element.apply(random))
        .collect(Collectors.joining("," + space(random), "[", "]"));
  }

  private static String maybe(Random random, int oneOf, String member) {
    return random.nextInt(oneOf) == 0 ? member : "";
  }

  private static String rarely(Random random, String rare, String usual) {
    return random.nextInt(30) == 0 ? rare : usual;
  }

  private static String space(Random random) {
    return pick(random, "", "", "", " ", "\n\t", "\r");
  }

  private static String pick(Random random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private static String number(Random random) {
    return switch (random.nextInt(7)) {
      case 0 -> String.valueOf(random.nextInt());
      case 1 -> Double.toString(random.nextGaussian());
      case 2 -> Float.toString(random.nextFloat());
      case 3 -> random.nextInt(100) + "e" + random.nextInt(20);
      case 4 -> "0." + random.nextInt(1_000_000);
      case 5 -> "-0.0";
      default -> String.valueOf(random.nextInt(10));
    };
  }
}
