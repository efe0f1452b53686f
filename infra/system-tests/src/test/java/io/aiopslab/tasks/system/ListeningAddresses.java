package io.aiopslab.tasks.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where a process and what it has started take connections: what {@code ss -ltn} shows of it. */
final class ListeningAddresses {
  private static final String LISTENS = "0A";

  private ListeningAddresses() {}

  /** An address for each socket that listens, IPv4's as such also where the socket is IPv6's. */
  static List<String> of(long pid) {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    Set<String> sockets =
        Stream.concat(Stream.of(process), process.descendants())
            .flatMap(each -> sockets(each.pid()))
            .collect(Collectors.toSet());
    return Stream.of("tcp", "tcp6")
        .flatMap(table -> lines(Path.of("/proc/net", table)))
        .map(line -> line.strip().split("\\s+"))
        .filter(columns -> columns.length > 9 && columns[3].equals(LISTENS))
        .filter(columns -> sockets.contains("socket:[" + columns[9] + "]"))
        .map(columns -> address(columns[1]))
        .toList();
  }

  private static Stream<String> sockets(long pid) {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return open.map(ListeningAddresses::target).toList().stream();
    } catch (IOException e) {
      return Stream.of(); // it has ended
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  private static Stream<String> lines(Path table) {
    try {
      return Files.readAllLines(table).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param column an address of four-byte words in the machine's order, and a port, in hex
   */
  private static String address(String column) {
    byte[] said = HexFormat.of().parseHex(column.substring(0, column.indexOf(':')));
    ByteBuffer ordered = ByteBuffer.allocate(said.length);
    ByteBuffer words = ByteBuffer.wrap(said).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      ordered.putInt(words.getInt());
    }
    try {
      // Gives IPv4's for one that is mapped into IPv6.
      String address = InetAddress.getByAddress(ordered.array()).getHostAddress();
      return address.replaceFirst("^0(:0){6}:", "::").replaceFirst("^::0$", "::");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
