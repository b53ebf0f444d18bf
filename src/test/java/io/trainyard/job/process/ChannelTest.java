package io.trainyard.job.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.StoredWeights;
import io.trainyard.process.ControlSocket;
import io.trainyard.train.TrainingCommand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

@Timeout(30)
class ChannelTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;
  private ControlSocket socket;
  private SocketChannel client;
  private Channel here;
  private Channel there;
  private final BlockingQueue<Message> heard = new LinkedBlockingQueue<>();
  private Thread reader;

  @BeforeEach
  void connect() throws Exception {
    socket = ControlSocket.open(folder.resolve("control"));
    client = ControlSocket.connect(socket.path().toString());
    here = new Channel(client, "here");
    there = new Channel(socket.accept(), "there");
    reader = Thread.ofPlatform().daemon().start(() -> there.read(heard::add));
  }

  @AfterEach
  void disconnect() throws IOException {
    here.close();
    there.close();
    socket.close();
  }

  @Test
  void everyKindOfMessageArrivesAsItWasSent() throws Exception {
    ProposedVersion version =
        new ProposedVersion(
            "m",
            JSON.readTree("{\"a\": [1, null, \"é\"]}"),
            null,
            new StoredWeights("ab", Long.MAX_VALUE));
    List<Message> messages =
        List.of(
            new Message.Hello(7),
            new Message.Ready(),
            new Message.Heartbeat(1L << 40),
            new Message.Changed("j"),
            new Message.Waited("cpu", 5),
            new Message.Ended("failed", "cpu", "training", 6),
            new Message.Failed("internal"),
            new Message.Checkpointed(7, 8),
            new Message.CheckpointFailed(),
            new Message.Occupied("cpu", 1),
            new Message.Trained(1_000_000_000_000L),
            new Message.WarmUp(1, version),
            new Message.Published(1, "m", 2),
            new Message.Released(1),
            new Message.Welcome("w", 10, Map.of("a.b", "c")),
            new Message.Wake("cpu"),
            new Message.Command("j", TrainingCommand.STOP),
            new Message.Prove(2, version),
            new Message.Stop(),
            new Message.Answer(2, new Message.Fault("INTERNAL", "why")),
            new Message.Answer(3, null));
    // A kind that this list forgets is found here.
    assertThat(messages.stream().map(Object::getClass).distinct().count())
        .isEqualTo(kinds(Message.class).size());

    messages.forEach(here::send);
    List<Message> arrived = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      arrived.add(heard.poll(10, TimeUnit.SECONDS));
    }
    assertThat(arrived).isEqualTo(messages);
  }

  private static List<Class<?>> kinds(Class<?> type) {
    List<Class<?>> kinds = new ArrayList<>();
    for (Class<?> kind : type.getPermittedSubclasses()) {
      kinds.addAll(kind.isInterface() ? kinds(kind) : List.of(kind));
    }
    return kinds;
  }

  @Test
  void aLargeMessageArrivesWhole() throws Exception {
    String large = "x".repeat(10 << 20);
    here.send(new Message.Changed(large));

    assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(new Message.Changed(large));
  }

  @Test
  void aCallThatIsTooLargeIsRefusedBeforeItIsSent() throws Exception {
    ProposedVersion version =
        new ProposedVersion(
            "m",
            JSON.getNodeFactory().stringNode("x".repeat(17 << 20)),
            null,
            version("m").weights());

    assertThatThrownBy(
            () ->
                new Calls(here, _ -> {})
                    .call(number -> new Message.Prove(number, version), Duration.ofSeconds(5)))
        .hasMessageContaining("at most 16 MB");
    assertThat(heard.poll(100, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void aLengthThatNoMessageHasEndsTheConnection() throws Exception {
    client.write(ByteBuffer.allocate(4).putInt(Integer.MAX_VALUE).flip());

    assertThat(reader.join(Duration.ofSeconds(10))).isTrue();
    assertThat(heard).isEmpty();
  }

  @Test
  void aReaderThatHangsLosesTheConnectionAndHoldsNobody() throws Exception {
    SocketChannel silent = ControlSocket.connect(socket.path().toString());
    try (Channel sender = new Channel(socket.accept(), "sender")) {
      long begin = System.nanoTime();
      for (int i = 0; i < 200_000; i++) {
        sender.send(new Message.Changed("job " + i));
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
      ByteBuffer left = ByteBuffer.allocate(1 << 16);
      while (silent.read(left.clear()) >= 0) {
        // to the end of the connection
      }
    }
  }

  @Test
  void aCallEndsWithItsAnswerItsRefusalOrTheConnection() throws Exception {
    Calls calls = new Calls(here, _ -> {});
    Thread.ofVirtual()
        .start(
            () -> {
              for (int i = 0; i < 2; i++) {
                Message.Prove asked = (Message.Prove) take();
                calls.answered(
                    Message.Answer.of(
                        asked.call(),
                        () -> {
                          if (asked.version().model().equals("bad")) {
                            throw new ServiceException(ErrorCode.LOADING, "not yet");
                          }
                        }));
              }
              take();
              calls.end();
            });

    calls.call(number -> new Message.Prove(number, version("good")), Duration.ofSeconds(10));
    assertThatThrownBy(
            () ->
                calls.call(
                    number -> new Message.Prove(number, version("bad")), Duration.ofSeconds(10)))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOADING))
        .hasMessage("not yet");
    assertThatThrownBy(
            () ->
                calls.call(
                    number -> new Message.Prove(number, version("lost")), Duration.ofSeconds(10)))
        .isInstanceOf(Calls.LostException.class);
    assertThatThrownBy(
            () ->
                calls.call(
                    number -> new Message.Prove(number, version("late")), Duration.ofSeconds(10)))
        .isInstanceOf(Calls.LostException.class);
  }

  private static ProposedVersion version(String model) {
    return new ProposedVersion(model, JSON.createObjectNode(), null, new StoredWeights("ab", 1));
  }

  private Message take() {
    try {
      return heard.take();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void nobodyElseMayOpenTheSocket() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.path())))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("control"))))
        .isEqualTo("rwx------");
  }

  @Test
  void folderWithALongPathHasItsSocketElsewhere() throws IOException {
    Path elsewhere;
    try (ControlSocket open = ControlSocket.open(folder.resolve("x".repeat(120)))) {
      elsewhere = open.path().resolveSibling("");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(elsewhere)))
          .isEqualTo("rwx------");
      ControlSocket.connect(open.path().toString()).close();
    }
    assertThat(elsewhere).doesNotExist();
  }
}
