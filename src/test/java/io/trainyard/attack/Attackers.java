package io.trainyard.attack;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.access.KeyText;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.onnx.format.OnnxDraft;
import io.trainyard.onnx.format.RandomOnnxFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Callers who mean harm, each at an address of its own and most with a key for all but
 * administration. Each repeats its attack until the end.
 */
final class Attackers implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final int SLOW = 100;
  private static final int FLOOD = 500;
  private static final int WHOLE = 7;

  private final Http admin;
  private final int grpcPort;
  private final List<Attack> attacks = new ArrayList<>();
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private volatile boolean stopped;

  /** One attack: how often it ran, and how often something ended it early. */
  private final class Attack {
    private final String name;
    private final Round round;
    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final Thread thread;
    private volatile String last = "";

    Attack(String name, Round round) {
      this.name = name;
      this.round = round;
      thread = Thread.ofVirtual().start(this::repeat);
    }

    private void repeat() {
      while (!stopped) {
        try {
          round.run(rounds.getAndIncrement());
        } catch (Exception | AssertionError e) {
          ended.incrementAndGet();
          last = Request.shortened(String.valueOf(e), 200);
        }
        Http.pause(Duration.ofMillis(20));
      }
    }

    @Override
    public String toString() {
      return "%-20s %6d rounds, %d ended early %s%n"
          .formatted(name, rounds.get(), ended.get(), last);
    }
  }

  private interface Round {
    void run(int number) throws Exception;
  }

  Attackers(Http admin, int grpcPort, long seed) throws IOException {
    this.admin = admin;
    this.grpcPort = grpcPort;
    List<List<Operations.Operation>> sources = AttackedServiceIT.sources(admin);
    for (int i = 0; i < 2; i++) {
      long first = seed + i * 1_000_000_000L;
      MutatedRequests requests = new MutatedRequests(caller(), sources);
      start("mutated requests", number -> faults.addAll(requests.send(first + number * 20L, 20)));
    }
    List<Request> bombs = BombsIT.bombs();
    Http bomber = caller();
    start("bombs", number -> bomb(bomber, bombs.get(number % bombs.size())));
    Http slow = caller();
    start("slow senders", _ -> sendSlowly(slow));
    Http many = caller();
    start("connection flood", _ -> flood(many));
    Http manyCalling = new Http(grpcPort).from(address());
    start("gRPC flood", _ -> flood(manyCalling));
    Http resetting = caller();
    start("broken requests", number -> breakOff(resetting, number));
    Http stranger = new Http(admin.port()).from(address());
    start("wrong keys", number -> guessKeys(stranger, number));
    String calling = address();
    String key = key();
    start("gRPC calls", _ -> hold(calling, key));
    String cancelling = address();
    start("gRPC resets", _ -> reset(cancelling, key));
    for (int i = 0; i < 2; i++) {
      Http http = caller();
      long first = seed + i * 1_000_000_000L;
      String model = "drawn-" + i;
      start("drawn ONNX files", number -> draw(http, model, first + number));
    }
    Http killer = caller();
    start("ONNX that kills", _ -> kill(killer));
    Http uploader = caller();
    start("broken uploads", number -> upload(uploader, number));
  }

  private void start(String name, Round round) {
    attacks.add(new Attack(name, round));
  }

  /** The next address. */
  private String address() {
    return "127.0.0." + (attacks.size() + 2);
  }

  private String key() {
    return AttackedService.key(
        admin, "read", "predict", "datasets:write", "models:write", "jobs:write", "aliases:write");
  }

  private Http caller() {
    return new Http(admin.port(), "Authorization", "Bearer " + key()).from(address());
  }

  private void bomb(Http http, Request bomb) {
    // Others delete what bombs are for.
    for (String model : List.of("iris", "wide", "repeated", "long")) {
      if (http.get("/v1/models/" + model).status() == 404) {
        AttackedService.prepare(http);
      }
    }
    new Wire(http).send(bomb).fault().ifPresent(fault -> faults.add(bomb + "\n    " + fault));
  }

  private static String head(Http http, String target) {
    return "POST %s HTTP/1.1\r\nHost: localhost\r\n%s: %s\r\nContent-Type: application/json\r\n"
        .formatted(target, http.always().get(0), http.always().get(1));
  }

  /** For half a minute: heads and bodies of which a byte comes now and then. */
  private void sendSlowly(Http http) throws IOException {
    String head = head(http, "/v1/models/iris/predict");
    List<Socket> senders = new ArrayList<>();
    try {
      for (int second = 0; second < 30 && !stopped; second++) {
        while (senders.size() < SLOW) {
          senders.add(
              http.open(senders.size() % 2 == 0 ? head : head + "Content-Length: 900\r\n\r\n{"));
        }
        senders.removeIf(Attackers::isClosedForOneByte);
        Http.pause(Duration.ofSeconds(1));
      }
    } finally {
      senders.forEach(Attackers::end);
    }
  }

  private static boolean isClosedForOneByte(Socket socket) {
    try {
      socket.getOutputStream().write('a');
      return false;
    } catch (IOException closed) {
      end(socket);
      return true;
    }
  }

  /** Ends a connection by a reset. */
  private static void end(Socket socket) {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (IOException closed) {
      // It has ended.
    }
  }

  private static void flood(Http http) {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < FLOOD; i++) {
        open.add(http.open(""));
      }
    } catch (IOException full) {
      // Those that are there are held.
    }
    Http.pause(Duration.ofSeconds(2));
    open.forEach(Attackers::end);
  }

  /** Resets within a head, within a body, and before the answer is read. */
  private static void breakOff(Http http, int number) throws IOException {
    String head = head(http, "/v1/models/repeated/predict");
    String body = "{\"instances\": [[1]" + ", [1]".repeat(1_000) + "]}";
    String whole = head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    int length = new SplittableRandom(number).nextInt(1, whole.length() + 1);
    end(http.open(number % 3 == 0 ? whole : whole.substring(0, length)));
  }

  private static void guessKeys(Http http, int number) {
    String wrong =
        switch (number % 4) {
          case 0 -> "Bearer " + KeyText.random();
          case 1 -> "Bearer " + "x".repeat(8_000);
          case 2 -> "Basic eDp4";
          default -> "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.";
        };
    http.post("/v1/models/honest-iris/predict", "{}", "Authorization", wrong);
    http.delete("/v1/models/honest-iris", "Authorization", wrong);
  }

  private ManagedChannel channel(String address) {
    return NettyChannelBuilder.forAddress("127.0.0.1", grpcPort)
        .usePlaintext()
        .localSocketPicker(
            new NettyChannelBuilder.LocalSocketPicker() {
              @Override
              public SocketAddress createSocketAddress(
                  SocketAddress remote, Attributes attributes) {
                return new InetSocketAddress(InetAddress.ofLiteral(address), 0);
              }
            })
        .build();
  }

  private static <Q, A> ClientCall<Q, A> call(
      ManagedChannel channel, MethodDescriptor<Q, A> method, String key) {
    Metadata headers = new Metadata();
    if (!key.isEmpty()) {
      headers.put(AUTHORIZATION, "Bearer " + key);
    }
    ClientCall<Q, A> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, headers);
    call.request(1);
    return call;
  }

  /** Watches, and calls whose request does not come, with and without a key. */
  private void hold(String address, String key) {
    List<ManagedChannel> channels = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        ManagedChannel channel = channel(address);
        channels.add(channel);
        for (int j = 0; j < 50; j++) {
          var watch = call(channel, HealthGrpc.getWatchMethod(), "");
          watch.sendMessage(HealthCheckRequest.getDefaultInstance());
          watch.halfClose();
          call(channel, GRPCInferenceServiceGrpc.getModelInferMethod(), j % 2 == 0 ? key : "");
        }
      }
      Http.pause(Duration.ofSeconds(5));
    } finally {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  /** Calls that are reset as soon as they have begun. */
  private void reset(String address, String key) {
    ManagedChannel channel = channel(address);
    try {
      for (int i = 0; i < 500 && !stopped; i++) {
        var call = call(channel, GRPCInferenceServiceGrpc.getModelInferMethod(), key);
        call.sendMessage(ModelInferRequest.newBuilder().setModelName("iris").build());
        call.halfClose();
        call.cancel("reset", null);
        if (i % 50 == 0) {
          Http.pause(Duration.ofMillis(20));
        }
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private static Http.Answer importFile(Http http, String model, byte[] file) {
    return new Multipart().part("onnx", file).post(http, "/v1/models/" + model + "/versions");
  }

  /** Imports a file that was drawn operator by operator, and asks it for hostile rows. */
  private static void draw(Http http, String model, long seed) {
    RandomOnnxFile drawn = new RandomOnnxFile(seed);
    if (importFile(http, model, drawn.draw()).status() != 201) {
      return;
    }
    SplittableRandom random = new SplittableRandom(seed);
    String row = drawn.isWhole() ? String.valueOf(random.nextInt(-2, 4)) : "1e30";
    long[] axes = drawn.row();
    for (int i = axes.length - 1; i >= 0; i--) {
      row = "[" + String.join(",", Collections.nCopies((int) axes[i], row)) + "]";
    }
    http.post("/v1/models/" + model + "/predict", "{\"instances\": [" + row + "]}");
    http.delete("/v1/models/" + model);
  }

  /** y = 10 // (x + 1), imported and asked for −1, which ends the process that computes it. */
  private static void kill(Http http) {
    byte[] divides =
        new OnnxDraft(17)
            .input("x", WHOLE, -1, 2)
            .output("y", WHOLE, -1, 2)
            .wholes("plus", List.of(), 1)
            .wholes("ten", List.of(), 10)
            .node("Add", List.of("x", "plus"), List.of("s"))
            .node("Div", List.of("ten", "s"), List.of("y"))
            .toBytes();
    importFile(http, "killer", divides);
    for (int i = 0; i < 5; i++) {
      http.post("/v1/models/killer/predict", "{\"instances\": [[-1, 1]]}");
      Http.pause(Duration.ofSeconds(1));
    }
    http.delete("/v1/models/killer");
  }

  /** Files that are no files, and uploads that end too early. */
  private static void upload(Http http, int number) throws IOException {
    SplittableRandom random = new SplittableRandom(number);
    byte[] noise = new byte[random.nextInt(1, 20_000)];
    random.nextBytes(noise);
    String target = "/v1/datasets?name=broken";
    switch (number % 5) {
      case 0 -> {
        System.arraycopy(Http.utf8("PAR1"), 0, noise, 0, Math.min(4, noise.length));
        http.post(target, "application/vnd.apache.parquet", noise);
      }
      case 1 -> http.post(target, "text/csv", noise);
      case 2 -> new Multipart().file("file", "x.zip", noise).post(http, target);
      case 3 -> http.post(target, "application/x-npy", noise);
      default -> {
        String head = head(http, target).replace("application/json", "text/csv");
        Socket socket = http.open(head + "Content-Length: 9000000\r\n\r\na,b\n");
        try {
          for (int i = 0; i < 50; i++) {
            socket.getOutputStream().write(Http.utf8("1,2\n".repeat(1_000)));
          }
        } finally {
          end(socket);
        }
      }
    }
  }

  /** Answers that break a rule. */
  List<String> faults() {
    return faults;
  }

  String report() {
    return attacks.stream().map(Attack::toString).collect(Collectors.joining());
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Attack attack : attacks) {
      attack.thread.join();
    }
  }
}
