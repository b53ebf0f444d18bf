package io.trainyard.job.process;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * One connection between a worker and its supervisor. A message is its length as four bytes, most
 * significant first, and its JSON in UTF-8.
 *
 * <p>Senders never wait: a thread writes what they queue. A peer that reads too slowly loses the
 * connection when the queue is full.
 */
final class Channel implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Channel.class);
  private static final int MAX_QUEUED = 20_000;

  /**
   * A version with the categories of its columns is the largest message. Its JSON takes ten times
   * as much in the heap of a worker.
   */
  private static final int MAX_BYTES = 16 << 20;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final ObjectWriter WRITER = JSON.writerFor(Message.class);
  private static final ObjectReader READER = JSON.readerFor(Message.class);

  private final SocketChannel socket;
  private final BlockingQueue<Message> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
  private final Thread writer;
  private volatile boolean closed;

  Channel(SocketChannel socket, String name) {
    this.socket = socket;
    this.writer = Thread.ofPlatform().daemon().name(name + "-writer").start(this::write);
  }

  /** Sends a message soon; does nothing when the connection has ended. */
  void send(Message message) {
    if (!closed && !queue.offer(message)) {
      log.warn("A process does not read its messages: its connection is closed");
      close();
    }
  }

  /** Whether a message is too large to be sent. */
  static boolean isTooLarge(Message message) {
    return WRITER.writeValueAsBytes(message).length > MAX_BYTES;
  }

  private void write() {
    try {
      var out = new DataOutputStream(Channels.newOutputStream(socket));
      while (true) {
        byte[] json = WRITER.writeValueAsBytes(queue.take());
        ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + json.length);
        out.write(frame.putInt(json.length).put(json).array());
        out.flush();
      }
    } catch (IOException e) {
      log.debug("The channel has ended: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  /** Reads messages until the connection ends. */
  void read(Consumer<Message> reader) {
    try {
      var in = new DataInputStream(Channels.newInputStream(socket));
      while (true) {
        reader.accept(next(in));
      }
    } catch (IOException | JacksonException e) {
      if (!(e instanceof EOFException)) {
        log.debug("The channel has ended: {}", e.toString());
      }
    } finally {
      close();
    }
  }

  private static Message next(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException("a message of " + length + " bytes");
    }
    byte[] json = new byte[length];
    in.readFully(json);
    return READER.readValue(json);
  }

  /** The next message, for the one that opens a connection. */
  Message readOne() throws IOException {
    return next(new DataInputStream(Channels.newInputStream(socket)));
  }

  @Override
  public void close() {
    closed = true;
    writer.interrupt();
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("A closed channel: {}", e.toString());
    }
  }
}
