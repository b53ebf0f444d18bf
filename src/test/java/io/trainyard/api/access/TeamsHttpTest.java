package io.trainyard.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.trainyard.Cases;
import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.Multipart;
import io.trainyard.Rights;
import io.trainyard.SumNetwork;
import io.trainyard.access.Scope;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelMetadataRequest;
import io.trainyard.grpc.protocol.ModelReadyRequest;
import io.trainyard.grpc.protocol.ModelStatisticsRequest;
import io.trainyard.grpc.protocol.RepositoryIndexRequest;
import io.trainyard.grpc.protocol.RepositoryModelLoadRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import tools.jackson.databind.JsonNode;

/**
 * Two teams share an installation, and some names. Each does at random what the service can do,
 * with keys and tokens, over all protocols, and names the other's things where a body can. None
 * ever reads a name of the other's own things.
 */
@Timeout(300)
class TeamsHttpTest extends KeyedService {
  /** A larger number finds more: {@code -Dteams.steps=2000}. */
  private static final int STEPS = Integer.getInteger("teams.steps", 40);

  /** Of the jobs that are read one by one, the newest. */
  private static final int MOST = 6;

  private static final String ROWS = "x1,x2,y\n" + "0,0,0\n0,1,1\n1,0,1\n1,1,0\n".repeat(3);
  private static final String A = "aa-team-";
  private static final String B = "bb-team-";

  @Autowired private GrpcServerLifecycle server;

  private final long seed = Long.getLong("teams.seed", Cases.all() ? System.nanoTime() : 27);
  private final Random random = new Random(seed);

  private Team team(String own, String other) {
    String scopes =
        Arrays.stream(Scope.values())
            .filter(scope -> scope != Scope.ADMIN)
            .map(Scope::word)
            .collect(Collectors.joining(" "));
    List<String> names = List.of(own + "*", "shared-*");
    String key =
        makeKey(
                "\"scopes\": [\"%s\"], \"models\": %s, \"datasets\": %2$s"
                    .formatted(
                        scopes.replace(" ", "\", \""),
                        "[\"" + String.join("\", \"", names) + "\"]"))
            .get("key")
            .stringValue();
    return new Team(own, other, List.of(caller(key), caller(token(scopes, names, names))), random);
  }

  /** Its answers are looked at here, and not compared with the document as well. */
  private Http caller(String credential) {
    return new Http(admin().port(), "Authorization", "Bearer " + credential);
  }

  @Test
  void noTeamReadsNamesOfTheOther() {
    Team a = team(A, B);
    Team b = team(B, A);
    setUp(A);
    setUp(B);
    share(A);
    share(B);
    for (int i = 0; i < STEPS; i++) {
      step(random.nextBoolean() ? a : b);
    }
    endJobs();
    List<String> running = new ArrayList<>();
    // The steps may have deleted each version.
    admin().upload("shared-d0", ROWS + "0,0,0\n");
    for (String own : List.of(A, B)) {
      admin().upload(own + "d1", ROWS + "0,%d,0\n".formatted((int) own.charAt(0)));
      running.add(admin().submit(job("\"shared-m0\"", "shared-d0", own + "d1", 1_000_000)));
      running.add(admin().submit(job("\"%sm0\"".formatted(own), "shared-d0", "", 1_000_000)));
    }
    for (Team team : List.of(a, b)) {
      deleteWhatIsHeld(team);
      crawl(team);
    }
    running.forEach(each -> admin().post(each + "/cancel"));
    Set<String> leaks = new TreeSet<>(a.leaks());
    leaks.addAll(b.leaks());
    assertThat(leaks).as("with -Dteams.seed=" + seed).isEmpty();
    assertThat(Math.min(a.seen(), b.seen())).isGreaterThan(150);
    nothingIsHeldByOthers();
  }

  private static String model(String name, String like) {
    return """
    {"name": "%s", "inputs": {"x": {%s}}, "targets": {"y": {"column": "y", "type": "class"}},
      "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}}\
    """
        .formatted(
            name,
            like.isEmpty() ? "\"columns\": [\"x1\", \"x2\"]" : "\"like\": \"%s\"".formatted(like));
  }

  private static String nesting(String name, String ref) {
    return """
    {"name": "%s", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
      {"type": "model", "name": "n", "ref": "%s"}]}}\
    """
        .formatted(name, ref);
  }

  private static String job(String model, String dataset, String validation, int epochs) {
    return """
    {"model": %s, "dataset": {"name": "%s"%s},
     "training": {"loss": "binary_crossentropy", "epochs": %d}}\
    """
        .formatted(
            model,
            dataset,
            validation.isEmpty()
                ? ", \"split\": {\"validation\": 0.5}"
                : ", \"validation_dataset\": {\"name\": \"%s\"}".formatted(validation),
            epochs);
  }

  private void setUp(String own) {
    Http admin = admin();
    for (int i = 0; i < 2; i++) {
      admin.upload(own + "d" + i, ROWS + "0,%d,1\n".formatted(own.charAt(0) + i));
    }
    for (int i = 0; i < 2; i++) {
      admin.train(job(model(own + "m" + i, ""), own + "d" + i, "", 1));
      SumNetwork.importAs(admin, own + "t" + i);
      admin.put("/v1/models/" + own + "m" + i + "/aliases/production", "{\"version\": 1}");
    }
  }

  /** Shared things that name a team's own ones. */
  private void share(String own) {
    Http admin = admin();
    admin.upload("shared-d0", ROWS + "0,%d,1\n".formatted((int) own.charAt(0)));
    admin.upload("shared-d1", ROWS);
    admin.train(job(model("shared-m0", ""), own + "d0", "", 1));
    admin.put("/v1/models/shared-m1", model("shared-m1", own + "m0@1"));
    for (int i = 0; i < 2; i++) {
      String nesting = nesting("shared-t" + i, own + "t0@1");
      admin.put("/v1/models/shared-t" + i, nesting);
      admin.importVersion("shared-t" + i, nesting);
    }
  }

  private void step(Team team) {
    String dataset = team.any("d");
    String model = team.any(random.nextBoolean() ? "m" : "t");
    String own = team.usable("m");
    String net = team.usable("t");
    switch (random.nextInt(18)) {
      case 0 -> team.upload("/v1/datasets?name=" + dataset, ROWS + random.nextInt(99) + ",1,1\n");
      case 1 -> team.json("PUT", "/v1/models/" + own, model(own, model + "@1"));
      case 2 -> team.json("PUT", "/v1/models/" + net, nesting(net, model + "@latest"));
      case 3 ->
          team.importing(
              net, nesting(net, model + "@1"), text -> new Multipart().part("spec", text));
      case 4 -> importArchive(team, /* model= */ net, /* nested= */ model);
      case 5 -> team.json("POST", "/v1/jobs", job(model("%s".formatted(own), ""), dataset, "", 1));
      case 6 -> team.json("POST", "/v1/jobs", job("\"" + own + "\"", team.usable("d"), dataset, 1));
      case 7 ->
          team.json(
              "POST",
              "/v1/jobs",
              job("\"" + own + "\"", team.usable("d"), "", 1)
                  .replaceFirst(
                      "}$",
                      ", \"initial_weights\": {\"model\": \"%s\", \"version\": 1}}"
                          .formatted(model)));
      case 8 ->
          team.json(
              "POST",
              "/v1/batch-predictions",
              "{\"model\": \"%s\", \"dataset\": {\"name\": \"%s\"}, \"result\": {\"dataset\": \"%s\"}}"
                  .formatted(model, team.any("d"), team.any("r")));
      case 9 ->
          team.json(
              "POST",
              "/v1/sweeps",
              "{\"job\": %s, \"parameters\": {\"/model/inputs/x/like\": [\"%s@1\", \"%s@1\"]}}"
                  .formatted(job(model(own, own + "@1"), team.usable("d"), "", 1), own, model));
      case 10 ->
          team.json(
              "POST",
              "/v1/models/" + own + "/versions/1/evaluation",
              "{\"dataset\": {\"name\": \"%s\"}}".formatted(dataset));
      case 11 ->
          team.json(
              "POST",
              "/v1/models/" + own + "/versions/latest/plots",
              "{\"kind\": \"boundary\", \"x\": \"x1\", \"y\": \"x2\", \"dataset\": {\"name\": \"%s\"}}"
                  .formatted(dataset));
      case 12 ->
          team.json(
              "POST",
              "/v1/models:validate",
              random.nextBoolean()
                  ? job("\"" + model + "\"", dataset, team.any("d"), 1)
                  : "{\"model\": " + nesting(net, model + "@1") + "}");
      case 13 -> predict(team, model);
      case 14 -> calls(team, model);
      case 15 ->
          team.json(
              "PUT", "/v1/models/" + team.any("m") + "/aliases/production", "{\"version\": 1}");
      case 16 ->
          team.json(
              "POST",
              "/v1/models/%s/versions/1:%s"
                  .formatted(model, List.of("load", "pin", "unpin").get(random.nextInt(3))),
              "{}");
      default ->
          team.delete(
              random.nextBoolean()
                  ? "/v1/datasets/%s/versions/%d".formatted(dataset, 1 + random.nextInt(3))
                  : "/v1/models/%s/versions/%d".formatted(model, 2 + random.nextInt(3)));
    }
  }

  /** An archive of a network whose spec says that it nests a version. */
  private void importArchive(Team team, String model, String nested) {
    byte[] archive =
        admin().get("/v1/models/shared-t0/versions/latest/archive").expect(200).bytes();
    team.importing(
        model,
        nested,
        text ->
            new Multipart()
                .part(
                    "archive",
                    rewritten(
                        archive,
                        head ->
                            head.replaceAll("\"ref\":\"[^\"]*\"", "\"ref\":\"" + text + "@1\""))));
  }

  private static byte[] rewritten(byte[] archive, UnaryOperator<String> head) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipInputStream from = new ZipInputStream(new ByteArrayInputStream(archive));
        ZipOutputStream to = new ZipOutputStream(out)) {
      for (ZipEntry each = from.getNextEntry(); each != null; each = from.getNextEntry()) {
        byte[] bytes = from.readAllBytes();
        to.putNextEntry(new ZipEntry(each.getName()));
        to.write(
            each.getName().equals("version.json")
                ? Http.utf8(head.apply(new String(bytes, StandardCharsets.UTF_8)))
                : bytes);
        to.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static final String INFER =
      "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 2], \"datatype\": \"FP32\","
          + " \"data\": [1, 1]}]}";

  private static void predict(Team team, String model) {
    team.json("POST", "/v1/models/" + model + "/predict", "{\"instances\": [[1, 1]]}");
    team.json("POST", "/v1/models/" + model + ":predict", "{\"instances\": [{\"x1\": 1}]}");
    team.json("POST", "/v2/models/" + model + "/infer", INFER);
  }

  /** The calls of gRPC that name a model, and those that tell about all. */
  private void calls(Team team, String model) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
          team.caller().always().getLast());
      GRPCInferenceServiceBlockingStub stub =
          GRPCInferenceServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      List<Function<GRPCInferenceServiceBlockingStub, Object>> calls =
          List.of(
              s -> s.repositoryIndex(RepositoryIndexRequest.getDefaultInstance()),
              s -> s.modelStatistics(ModelStatisticsRequest.getDefaultInstance()),
              s -> s.modelStatistics(ModelStatisticsRequest.newBuilder().setName(model).build()),
              s -> s.modelMetadata(ModelMetadataRequest.newBuilder().setName(model).build()),
              s -> s.modelReady(ModelReadyRequest.newBuilder().setName(model).build()),
              s -> s.modelInfer(ModelInferRequest.newBuilder().setModelName(model).build()),
              s ->
                  s.repositoryModelLoad(
                      RepositoryModelLoadRequest.newBuilder().setModelName(model).build()));
      for (var call : calls) {
        try {
          team.look(model, String.valueOf(call.apply(stub)));
        } catch (StatusRuntimeException e) {
          team.look(model, e.getStatus() + " " + e.getTrailers());
        }
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private void endJobs() {
    for (String list : List.of("jobs", "sweeps")) {
      for (JsonNode each : admin().get("/v1/" + list + "?page_size=500").json().get(list)) {
        admin().await("/v1/" + list + "/" + each.get("id").stringValue(), Duration.ofSeconds(60));
      }
    }
  }

  /** Everything here is held by a job or a model, most of it of the other team. */
  private static void deleteWhatIsHeld(Team team) {
    for (int i = 1; i <= 3; i++) {
      team.delete("/v1/datasets/shared-d0/versions/" + i);
      for (String model : List.of("shared-m0", "shared-m1", "shared-t0", "shared-t1")) {
        team.delete("/v1/models/" + model + "/versions/" + i);
      }
    }
    team.delete("/v1/models/shared-m0");
    team.json("POST", "/v1/jobs", job("\"shared-m1\"", "shared-d0", "", 1));
  }

  /** Reads everything that a team can find. */
  private void crawl(Team team) {
    List<String> models = names(team, "models", "name");
    List<String> datasets = names(team, "datasets", "name");
    List<String> jobs = some(names(team, "jobs", "id"));
    List<String> sweeps = some(names(team, "sweeps", "id"));
    for (Rights line : Rights.all()) {
      boolean reads = line.method().equals("GET") && line.any().contains(Scope.READ);
      if (!reads || line.path().contains("{tensor}")) {
        continue;
      }
      boolean isDataset = line.path().startsWith("/v1/datasets");
      List<String> named =
          line.path().contains("{job}")
              ? jobs
              : line.path().contains("{sweep}") ? sweeps : isDataset ? datasets : models;
      for (String each : line.path().contains("{") ? named : List.of("")) {
        String path =
            line.path()
                .replaceAll("\\{(model|dataset|job|sweep)}", each)
                .replace("{version}", random.nextBoolean() ? "1" : "latest")
                .replace("{alias}", "production")
                .replace("{kind}", "curves");
        // A stream of one that runs has no end, and its epochs come faster than they are read.
        boolean ofRunning = path.matches("/v1/(jobs|sweeps)/[^/]+/.+");
        if (!ofRunning || isDone(team, path.replaceFirst("(/v1/[^/]+/[^/]+)/.*", "$1"))) {
          team.get(path);
        }
      }
    }
    team.json("POST", "/v2/repository/index", "{}");
    models.forEach(model -> predict(team, model));
    calls(team, "shared-t0");
  }

  private static List<String> names(Team team, String list, String member) {
    List<String> names = new ArrayList<>();
    Answer answer = team.get("/v1/" + list + "?page_size=500").expect(200);
    answer.json().get(list).forEach(each -> names.add(each.get(member).stringValue()));
    assertThat(names.isEmpty() && !list.equals("sweeps")).as(list).isFalse();
    return names;
  }

  private static List<String> some(List<String> all) {
    return all.subList(0, Math.min(all.size(), MOST));
  }

  private static boolean isDone(Team team, String path) {
    return team.get(path).json().path("done").asBoolean(false);
  }

  /** What a team has done with the other's names holds none of its things. */
  private void nothingIsHeldByOthers() {
    Http admin = admin();
    for (JsonNode model : admin.get("/v1/models?page_size=500").json().get("models")) {
      String name = model.get("name").stringValue();
      if (name.startsWith("shared-")) {
        admin.delete("/v1/models/" + name + "/aliases/production");
        admin.delete("/v1/models/" + name);
      }
    }
    for (String own : List.of(A, B)) {
      String other = own.equals(A) ? B : A;
      for (int i = 0; i < 2; i++) {
        Answer answer = admin.delete("/v1/models/" + own + "t" + i);
        assertThat(answer.text()).as("with -Dteams.seed=" + seed).doesNotContain(other);
      }
    }
  }
}
