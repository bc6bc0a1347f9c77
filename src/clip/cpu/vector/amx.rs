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

macro_rules! kernel {
    ($name:ident, $product:literal) => {
        pub fn $name(block: Block, panel: &[u32], tile: &mut Tile) {
            assert!(is_allowed(), "the processor or the system lacks AMX");
            assert!(block.steps.is_multiple_of(MATRIX_STEPS) && block.distances.step == 1, "rows are matrices");
            let is_half = block.count <= MATRIX_ROWS / 2;
            let words = block.checked(panel, if is_half { MATRIX_ROWS / 2 } else { MATRIX_ROWS });
            let matrices = block.steps / MATRIX_STEPS;
            if matrices == 0 {
                *tile = Tile::default();
                return;
            }
            shape();
            let row = 4 * block.distances.row;
            if is_half {
                unsafe {
                    asm!(
                        "tilezero tmm0",
                        "tilezero tmm1",
                        "2:",
                        "tileloadd tmm4, [{rows} + {row}]",
                        "tileloadd tmm6, [{panel} + {line}]",
                        "tileloadd tmm7, [{panel} + {line} + 64]",
                        concat!($product, " tmm0, tmm4, tmm6"),
                        concat!($product, " tmm1, tmm4, tmm7"),
                        "add {rows}, 64",
                        "add {panel}, 2048",
                        "dec {matrices}",
                        "jnz 2b",
                        "tilestored [{to} + {line}], tmm0",
                        "tilestored [{to} + {line} + 64], tmm1",
                        rows = inout(reg) words.as_ptr() => _,
                        row = in(reg) row,
                        panel = inout(reg) panel.as_ptr() => _,
                        line = in(reg) 4 * COLUMNS,
                        matrices = inout(reg) matrices => _,
                        to = in(reg) tile.0.as_mut_ptr(),
                        out("tmm0") _, out("tmm1") _, out("tmm4") _, out("tmm6") _, out("tmm7") _,
                        options(nostack)
                    );
                }
                return;
            }
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
                    concat!($product, " tmm0, tmm4, tmm6"),
                    concat!($product, " tmm1, tmm4, tmm7"),
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
                    rows = inout(reg) words.as_ptr() => _,
                    more_rows = inout(reg) words.as_ptr().add(MATRIX_ROWS / 2 * block.distances.row) => _,
                    row = in(reg) row,
                    panel = inout(reg) panel.as_ptr() => _,
                    line = in(reg) 4 * COLUMNS,
                    matrices = inout(reg) matrices => _,
                    to = in(reg) tile.0.as_mut_ptr(),
                    out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                    out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                    options(nostack)
                );
            }
        }
    };
}

// Rows have no sign, weights have one.
kernel!(bytes, "tdpbusd");
kernel!(brain, "tdpbf16ps");
