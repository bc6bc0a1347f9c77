//! AMX: eight registers of 16 rows of 16 words, and products of two of them. Its intrinsics are not in stable Rust, the instructions
//! are. Linux only, because elsewhere a program is not given these registers, or not in the same way.

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::sync::OnceLock;

use crate::clip::cpu::level::{Block, COLUMNS, MATRIX_ROWS, MATRIX_STEPS, Tile};

/// The shapes of the registers, as the processor keeps them: all of them as large as can be.
const SHAPES: [u8; 64] = {
    let mut shapes = [0; 64];
    shapes[0] = 1;
    let mut register = 0;
    while register < 8 {
        shapes[16 + 2 * register] = 64;
        shapes[48 + register] = 16;
        register += 1;
    }
    shapes
};

/// Whether the processor has it and the system lets this program use it.
pub fn is_allowed() -> bool {
    static ALLOWED: OnceLock<bool> = OnceLock::new();
    *ALLOWED.get_or_init(|| {
        const BRAIN: u32 = 1 << 22;
        const REGISTERS: u32 = 1 << 24;
        const BYTES: u32 = 1 << 25;
        let needed = BRAIN | REGISTERS | BYTES;
        __cpuid_count(0, 0).eax >= 7 && __cpuid_count(7, 0).edx & needed == needed && asked()
    })
}

/// Asks Linux for the registers, for all threads of this program. It says no where it does not know them.
#[cfg(target_os = "linux")]
fn asked() -> bool {
    const ARCH_PRCTL: usize = 158;
    const ARCH_REQ_XCOMP_PERM: usize = 0x1023;
    const TILE_DATA: usize = 18;
    let mut result = ARCH_PRCTL;
    unsafe {
        asm!(
            "syscall",
            inout("rax") result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") TILE_DATA,
            out("rcx") _,
            out("r11") _,
            options(nostack)
        );
    }
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn asked() -> bool {
    false
}

/// Gives the registers their shapes where they have others: asking takes a tenth of the time of setting them.
fn shape() {
    let mut now = [0u8; 64];
    unsafe {
        asm!("sttilecfg [{now}]", now = in(reg) now.as_mut_ptr(), options(nostack, preserves_flags));
        if now != SHAPES {
            asm!(
                "ldtilecfg [{shapes}]",
                shapes = in(reg) SHAPES.as_ptr(),
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack, preserves_flags)
            );
        }
    }
}

/// Where a product reads and writes, which was checked.
struct Work {
    rows: *const u32,
    /// Bytes from a row to the next.
    row: usize,
    panel: *const u32,
    /// How many matrices lie side by side; at least one.
    matrices: usize,
    to: *mut u32,
    /// What is to be fetched meanwhile, five cache lines for each pair of matrices: a seventh of a panel, which is read by seven
    /// blocks of a batch.
    ahead: *const u32,
}

/// Bytes from a step of a panel, and a row of a tile, to the next.
const LINE: usize = 4 * COLUMNS;

impl Work {
    /// Of the first 16 rows, or all 32.
    fn checked(block: Block, panel: &[u32], tile: &mut Tile, rows: usize) -> Work {
        assert!(is_allowed(), "the processor or the system lacks AMX");
        assert!(block.steps.is_multiple_of(MATRIX_STEPS) && block.steps > 0, "rows are whole matrices");
        assert!(block.distances.step == 1, "a row's words lie side by side");
        let words = block.checked(panel, rows);
        shape();
        Work {
            rows: words.as_ptr(),
            row: 4 * block.distances.row,
            panel: panel.as_ptr(),
            matrices: block.steps / MATRIX_STEPS,
            to: tile.0.as_flattened_mut().as_mut_ptr(),
            ahead: if block.ahead.is_empty() { panel } else { block.ahead }.as_ptr(),
        }
    }
}

macro_rules! kernel {
    ($name:ident, $product:literal) => {
        pub fn $name(block: Block, panel: &[u32], tile: &mut Tile) {
            if block.count <= MATRIX_ROWS / 2 {
                unsafe { $name::half(Work::checked(block, panel, tile, MATRIX_ROWS / 2)) }
            } else {
                unsafe { $name::whole(Work::checked(block, panel, tile, MATRIX_ROWS)) }
            }
        }

        mod $name {
            use super::{LINE, MATRIX_ROWS, Work, asm};

            pub unsafe fn half(work: Work) {
                unsafe {
                    asm!(
                        "tilezero tmm0",
                        "tilezero tmm1",
                        "2:",
                        "tileloadd tmm4, [{rows} + {row}]",
                        "tileloadd tmm6, [{panel} + {line}]",
                        "tileloadd tmm7, [{panel} + {line} + 64]",
                        "prefetcht1 [{ahead}]",
                        "prefetcht1 [{ahead} + 64]",
                        concat!($product, " tmm0, tmm4, tmm6"),
                        "prefetcht1 [{ahead} + 128]",
                        "prefetcht1 [{ahead} + 192]",
                        "prefetcht1 [{ahead} + 256]",
                        "add {ahead}, 320",
                        concat!($product, " tmm1, tmm4, tmm7"),
                        "add {rows}, 64",
                        "add {panel}, 2048",
                        "dec {matrices}",
                        "jnz 2b",
                        "tilestored [{to} + {line}], tmm0",
                        "tilestored [{to} + {line} + 64], tmm1",
                        rows = inout(reg) work.rows => _,
                        row = in(reg) work.row,
                        panel = inout(reg) work.panel => _,
                        line = in(reg) LINE,
                        matrices = inout(reg) work.matrices => _,
                        to = in(reg) work.to,
                        ahead = inout(reg) work.ahead => _,
                        out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _,
                        options(nostack)
                    );
                }
            }

            pub unsafe fn whole(work: Work) {
                unsafe {
                    asm!(
                        "tilezero tmm0",
                        "tilezero tmm1",
                        "tilezero tmm2",
                        "tilezero tmm3",
                        "2:",
                        "tileloadd tmm4, [{rows} + {row}]",
                        "tileloadd tmm6, [{panel} + {line}]",
                        "tileloadd tmm7, [{panel} + {line} + 64]",
                        "tileloadd tmm5, [{more_rows} + {row}]",
                        "prefetcht1 [{ahead}]",
                        concat!($product, " tmm0, tmm4, tmm6"),
                        "prefetcht1 [{ahead} + 64]",
                        "prefetcht1 [{ahead} + 128]",
                        concat!($product, " tmm1, tmm4, tmm7"),
                        "prefetcht1 [{ahead} + 192]",
                        "prefetcht1 [{ahead} + 256]",
                        "add {ahead}, 320",
                        concat!($product, " tmm2, tmm5, tmm6"),
                        concat!($product, " tmm3, tmm5, tmm7"),
                        "add {rows}, 64",
                        "add {more_rows}, 64",
                        "add {panel}, 2048",
                        "dec {matrices}",
                        "jnz 2b",
                        "tilestored [{to} + {line}], tmm0",
                        "tilestored [{to} + {line} + 64], tmm1",
                        "tilestored [{to} + {line} + 2048], tmm2",
                        "tilestored [{to} + {line} + 2112], tmm3",
                        rows = inout(reg) work.rows => _,
                        more_rows = inout(reg) work.rows.byte_add(MATRIX_ROWS / 2 * work.row) => _,
                        row = in(reg) work.row,
                        panel = inout(reg) work.panel => _,
                        line = in(reg) LINE,
                        matrices = inout(reg) work.matrices => _,
                        to = in(reg) work.to,
                        ahead = inout(reg) work.ahead => _,
                        out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                        out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                        options(nostack)
                    );
                }
            }
        }
    };
}

// Rows have no sign, weights have one.
kernel!(bytes, "tdpbusd");
kernel!(brain, "tdpbf16ps");
