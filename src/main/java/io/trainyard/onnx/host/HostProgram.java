package io.trainyard.onnx.host;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.onnx.OnnxNetworks;
import io.trainyard.onnx.OnnxRuntime;
import io.trainyard.os.ProcessControl;
import io.trainyard.process.ControlSocket;
import io.trainyard.tensor.HostTensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What runs in a host: it reads files and computes what it is asked for, on one thread for each
 * connection. It ends with the process that started it, which is seen by the end of a connection.
 */
public final class HostProgram {
  /** The argument that makes a process a host: the path of the control socket. */
  private static final String SOCKET = "--trainyard.host=";

  /** Files of trees are read by recursion. The system gives a stack the pages that are used. */
  private static final long STACK = 64L << 20;

  /** Work that is no network. */
  @FunctionalInterface
  public interface Task {
    /**
     * Does it.
     *
     * @param stopped whether nobody waits for the reply any more
     */
    String run(String request, BooleanSupplier stopped);
  }

  private final OnnxNetworks networks;
  private final Map<String, Task> tasks;
  private final Map<Long, LoadedNetwork> loaded = new ConcurrentHashMap<>();

  private HostProgram(OnnxNetworks networks, Map<String, Task> tasks) {
    this.networks = networks;
    this.tasks = tasks;
  }

  static List<String> arguments(HostSite site, Path socket, int nice) {
    return List.of(
        SOCKET + socket,
        Integer.toString(site.lanes()),
        site.natives().toString(),
        Long.toString(site.mostBytes()),
        Integer.toString(nice));
  }

  /** The name of the thread that serves a connection; a crash file names it. */
  static String thread(int lane) {
    return "lane-" + lane;
  }

  /** Whether the arguments make this process a host. */
  public static boolean isAsked(String[] arguments) {
    return arguments.length > 0 && arguments[0].startsWith(SOCKET);
  }

  /**
   * Runs until the process that started it ends.
   *
   * @param tasks by kind, work that is no network
   */
  public static void run(String[] arguments, Map<String, Task> tasks) {
    try {
      String socket = arguments[0].substring(SOCKET.length());
      int lanes = Integer.parseInt(arguments[1]);
      OnnxRuntime runtime = new OnnxRuntime(Path.of(arguments[2]), Long.parseLong(arguments[3]));
      ProcessControl.leaveTerminal();
      ProcessControl.lowerPriority(Integer.parseInt(arguments[4]));
      runtime.load();
      HostProgram program = new HostProgram(new OnnxNetworks(runtime), tasks);
      // One more is never used for a request: it always sees the end of the other process.
      for (int lane = 0; lane <= lanes; lane++) {
        SocketChannel connection = ControlSocket.connect(socket);
        HostMessage.write(connection, new HostMessage.Hello(ProcessHandle.current().pid()));
        new Thread(null, () -> program.serve(connection), thread(lane), STACK).start();
      }
    } catch (IOException | RuntimeException e) {
      Runtime.getRuntime().halt(1);
    }
  }

  private void serve(SocketChannel connection) {
    Connection lane = new Connection();
    try {
      while (true) {
        HostMessage.write(connection, lane.answer(HostMessage.read(connection)));
      }
    } catch (IOException e) {
      Runtime.getRuntime().halt(0);
    } catch (Throwable e) {
      Runtime.getRuntime().halt(1);
    }
  }

  /** The memory of one connection, and what is asked through it. */
  private final class Connection {
    private @Nullable SharedTensors memory;

    HostMessage answer(HostMessage request) {
      try {
        return switch (request) {
          case HostMessage.Load load -> load(load);
          case HostMessage.Unload(long network) -> {
            LoadedNetwork gone = loaded.remove(network);
            if (gone != null) {
              gone.close();
            }
            yield new HostMessage.Done(0, "");
          }
          case HostMessage.Run run -> run(run);
          case HostMessage.Task(String kind, String text, String file) -> {
            SharedTensors shared = memory(file);
            yield new HostMessage.Done(0, task(kind).run(text, shared::isStopped));
          }
          default -> throw new IllegalStateException("not a request: " + request);
        };
      } catch (ServiceException e) {
        return HostMessage.Refused.of(e);
      } catch (CancellationException e) {
        return new HostMessage.Stopped();
      } catch (OutOfMemoryError e) {
        return new HostMessage.Refused(
            ErrorCode.OUT_OF_MEMORY,
            "The process that computes ONNX files has too little memory",
            List.of());
      } catch (IOException | RuntimeException | StackOverflowError e) {
        return new HostMessage.Refused(
            ErrorCode.INTERNAL, "A process that computes ONNX files failed: " + e, List.of());
      }
    }

    private Task task(String kind) {
      Task task = tasks.get(kind);
      if (task == null) {
        throw new IllegalStateException("no task of kind " + kind);
      }
      return task;
    }

    private HostMessage load(HostMessage.Load load) {
      LoadedNetwork network = networks.load(load.outputs(), load.oneByOne(), Path.of(load.file()));
      loaded.put(load.network(), network);
      return new HostMessage.Done(network.bytes(), "");
    }

    /**
     * The memory of this connection.
     *
     * @param file it from now on; empty: as before
     */
    private SharedTensors memory(String file) throws IOException {
      if (!file.isEmpty()) {
        if (memory != null) {
          memory.close();
        }
        memory = SharedTensors.map(Path.of(file));
        // The other process does so too; if it is killed before, the file would stay.
        var _ = Files.deleteIfExists(Path.of(file));
      }
      if (memory == null) {
        throw new IllegalStateException("a request without memory");
      }
      return memory;
    }

    private HostMessage run(HostMessage.Run run) throws IOException {
      SharedTensors shared = memory(run.memory());
      LoadedNetwork network = loaded.get(run.network());
      if (network == null) {
        throw new IllegalStateException("a run without a network");
      }
      Map<String, HostTensor> inputs = new LinkedHashMap<>();
      for (HostMessage.Tensor input : run.inputs()) {
        inputs.put(input.name(), shared.at(input.place(), input.type(), input.shape()));
      }
      List<String> names = run.outputs().stream().map(HostMessage.Tensor::name).toList();
      Map<String, HostTensor> outputs = network.forward(inputs, names, shared::isStopped);
      for (HostMessage.Tensor output : run.outputs()) {
        MemorySegment place = shared.at(output.place(), output.type(), output.shape()).data();
        HostTensor computed = outputs.get(output.name());
        if (computed == null || computed.bytes() != place.byteSize()) {
          throw new IllegalStateException("the output '" + output.name() + "' has another size");
        }
        place.copyFrom(computed.data());
      }
      return new HostMessage.Done(0, "");
    }
  }
}
